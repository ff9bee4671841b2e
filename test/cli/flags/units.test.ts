import { expect, test } from 'vitest';
import { readValue } from '../../../cli/flags/flags.ts';
import * as unit from '../../../cli/flags/units.ts';

test.each([
  ['500ms', 500],
  ['30s', 30_000],
  ['1.5s', 1500],
  ['.5s', 500],
  ['5m', 300_000],
  ['1h', 3_600_000],
  ['0', 0],
  ['0s', 0],
  ['2147483647ms', 2_147_483_647],
  ['596h', 2_145_600_000],
])('duration() parses %j', (text, milliseconds) => {
  expect(unit.duration('1s').parse(text)).toBe(milliseconds);
});

test.each([
  '',
  '30',
  '5 s',
  '5S',
  '-1s',
  '+1s',
  '1e3s',
  '1d',
  's',
  '1.s',
  '1s2s',
  'Infinity',
  'NaN',
  '25d',
  '597h',
  ' 5s',
  '5s\n',
  '0x1s',
  '٣s',
  'constructor',
  '1toString',
])('duration() rejects %j', (text) => {
  expect(unit.duration('1s').parse(text)).toBeUndefined();
});

test.each([
  ['5', '5s'],
  ['1.5', '1.5s'],
  ['5 s', '5s'],
  ['5sec', '5s'],
  ['2 minutes', '2m'],
  ['3hrs', '3h'],
  ['500 msec', '500ms'],
  ['5S', '5s'],
])('duration() takes %j for %s', (text, meant) => {
  for (const parsed of [unit.duration('1s'), unit.timeLimit('1s'), unit.patience('1s')]) {
    expect(parsed.hint?.(text)).toBe(`did you mean ${meant}?`);
  }
});

test.each(['', 'soon', '5d', '1.2.3', '99999h', '-5'])('duration() has no idea what %j means', (text) => {
  expect(unit.duration('1s').hint?.(text)).toBeUndefined();
});

test.each([
  ['5', '5/s'],
  ['5 per minute', '5/m'],
  ['5/sec', '5/s'],
  ['10rps', '10/s'],
  ['60/hour', '60/h'],
  ['5/d', undefined],
  ['0', undefined],
  ['fast', undefined],
])('rate takes %j for %s', (text, meant) => {
  expect(unit.rate.hint?.(text)).toBe(meant && `did you mean ${meant}?`);
});

test('patience() parses none as no limit, and 0 as 0', () => {
  expect(unit.patience('1s').parse('none')).toBe(Infinity);
  expect(unit.patience('1s').parse('0')).toBe(0);
  expect(unit.patience('1s').parse('90s')).toBe(90_000);
  expect(unit.patience('1s').parse('never')).toBeUndefined();
});

test.each([
  ['1', 1],
  ['50', 50],
  ['auto', 'auto'],
  ['auto:1', { auto: 1 }],
  ['auto:200', { auto: 200 }],
  ['0', undefined],
  ['auto:0', undefined],
  ['auto:', undefined],
  ['auto50', undefined],
  ['auto:1.5', undefined],
  ['auto:99999999999999999999', undefined],
  ['AUTO', undefined],
  ['', undefined],
  ['-1', undefined],
])('concurrency() parses %j to %j', (text, value) => {
  expect(unit.concurrency('50').parse(text)).toEqual(value);
});

test('methods() parses a list, in any case, and nothing but methods', () => {
  expect(unit.methods.parse('get, POST')).toEqual(['GET', 'POST']);
  for (const text of ['', 'GET,', 'GET;POST', 'CONNECT']) expect(unit.methods.parse(text)).toBeUndefined();
});

test('timeLimit() parses 0 as no limit', () => {
  expect(unit.timeLimit('1s').parse('0')).toBe(Infinity);
  expect(unit.timeLimit('1s').parse('0ms')).toBe(Infinity);
  expect(unit.timeLimit('1s').parse('1ms')).toBe(1);
  expect(unit.timeLimit('1s').parse('1')).toBeUndefined();
});

test.each([
  ['0', 0],
  ['1234', 1234],
  ['7B', 7],
  ['1KB', 1000],
  ['1.5MB', 1_500_000],
  ['50mb', 50_000_000],
  ['2GB', 2_000_000_000],
])('size parses %j', (text, bytes) => {
  expect(unit.size.parse(text)).toBe(bytes);
});

test.each(['', '-1', '1TB', '1M', '1MiB', 'MB', '1 MB', '99999999999GB', '1e6'])('size rejects %j', (text) => {
  expect(unit.size.parse(text)).toBeUndefined();
});

test.each([
  ['10/s', 10],
  ['600/m', 10],
  ['1800/h', 0.5],
  ['0.5/s', 0.5],
])('rate parses %j', (text, perSecond) => {
  expect(unit.rate.parse(text)).toBeCloseTo(perSecond, 12);
});

test.each(['', '10', '0/s', '-1/s', '10/d', '/s', '10/', '10 /s', '10/S', '0.001/h', '1/2s'])(
  'rate rejects %j',
  (text) => {
    expect(unit.rate.parse(text)).toBeUndefined();
  },
);

test.each(['', '-1', '1.5', 'NaN', 'Infinity', '1e9', '10x', '0x10', ' 5 ', '9007199254740993', '1_000'])(
  'count() rejects %j',
  (text) => {
    expect(unit.count(0, '5').parse(text)).toBeUndefined();
  },
);

test('count() rejects a number below its minimum', () => {
  expect(unit.count(1, '5').parse('0')).toBeUndefined();
  expect(unit.count(1, '5').parse('1')).toBe(1);
  expect(unit.count(0, '5').parse('0')).toBe(0);
});

test('port accepts 0 to 65535', () => {
  expect(unit.port.parse('0')).toBe(0);
  expect(unit.port.parse('65535')).toBe(65_535);
  expect(unit.port.parse('65536')).toBeUndefined();
  expect(unit.port.parse('http')).toBeUndefined();
});

test('statuses stays text', () => {
  expect(unit.statuses.parse('200-399,404')).toBe('200-399,404');
  for (const wrong of ['', '2xx', '399-200', '99', '200;404']) expect(unit.statuses.parse(wrong)).toBeUndefined();
});

test('oneOf() accepts its words only', () => {
  const mode = unit.oneOf(['a', 'b'], 'a');
  expect(mode.parse('b')).toBe('b');
  for (const wrong of ['', 'A', 'ab', 'toString']) expect(mode.parse(wrong)).toBeUndefined();
});

test('every unit parses its own example', () => {
  const units = [
    unit.count(1, '50'),
    unit.port,
    unit.duration('500ms'),
    unit.timeLimit('30s'),
    unit.size,
    unit.rate,
    unit.statuses,
  ];
  for (const each of units) expect(each.parse(each.example)).toBeDefined();
});

test('readValue() reports the flag, the rule, an example and the value on one line', () => {
  expect(() => readValue('--rate', '10\n\u001b[2J', unit.rate)).toThrow(
    /^--rate must be a number with a unit \(\/s, \/m or \/h\), at least 0.002\/h, such as --rate 10\/s: got "10\\x0a\\x1b\[2J"$/,
  );
  expect(() => readValue('--rate', 'x'.repeat(1000), unit.rate)).toThrow(/: got "x{60}\.\.\."$/);
});
