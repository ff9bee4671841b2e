import { expect, test } from 'vitest';
import { readFlags } from '../../../cli/flags/flags.ts';
import { count } from '../../../cli/flags/units.ts';
import { nastyStrings } from '../../helpers/servers/nasty.ts';

const table = {
  concurrency: { short: 'c', value: 'X' },
  data: { short: 'd', value: 'X' },
  quiet: { short: 'q' },
  'no-color': {},
};

test('readFlags() parses a command line', () => {
  const flags = readFlags(['http://a/', '-c', '5', '-q', 'http://b/'], table);
  expect(flags.words).toEqual(['http://a/', 'http://b/']);
  expect(flags.read('concurrency', count(1, '50'))).toBe(5);
  expect([flags.has('quiet'), flags.has('no-color'), flags.has('data')]).toEqual([true, false, false]);
});

test('readFlags() reads the last value of a repeated flag, and lists all values', () => {
  const flags = readFlags(['-c', '5', '--concurrency=7', '-d', 'a', '-d', 'b', '-q', '-q'], table);
  expect(flags.read('concurrency', count(1, '50'))).toBe(7);
  expect(flags.all('data')).toEqual(['a', 'b']);
  expect(flags.has('quiet')).toBe(true);
});

test.each([...nastyStrings, '"x"', "'x'", 'true', 'false', '1e5', '007', '-q', '--', '--quiet', 'a=b'])(
  'readFlags() does not change the value %j',
  (value) => {
    expect(readFlags(['-d', value], table).all('data')).toEqual([value]);
    expect(readFlags([`--data=${value}`, '--', value], table)).toMatchObject({ words: [value] });
  },
);

test.each([
  [['--concurency', '5'], 'unknown option --concurency; did you mean --concurrency?'],
  [['--no-colour'], 'unknown option --no-colour; did you mean --no-color?'],
  [['--color'], 'unknown option --color; see fetchmany --help'],
  [['-z'], 'unknown option -z; see fetchmany --help'],
  [['-qz'], 'unknown option -z; see fetchmany --help'],
  [['--frobnicate=7'], 'unknown option --frobnicate; see fetchmany --help'],
  [['--frob', '--nicate'], 'unknown option --frob; see fetchmany --help'],
  [['--\u001b[2J'], String.raw`unknown option --\x1b[2J; see fetchmany --help`],
  [['--help.me'], 'unknown option --help.me; see fetchmany --help'],
  [['--constructor'], 'unknown option --constructor; see fetchmany --help'],
  [['---quiet'], 'unknown option ---quiet; did you mean --quiet?'],
])('readFlags(%j) throws: %s', (argv, message) => {
  expect(() => readFlags(argv, table)).toThrow(message);
});

test('readFlags() does not mistake properties of prototypes for flags', () => {
  for (const name of ['__proto__', 'toString', 'hasOwnProperty', '_', '$0']) {
    expect(() => readFlags([`--${name}`, '1'], table), name).toThrow('unknown option');
  }
});

test('readFlags() refers to the help of the command', () => {
  expect(() => readFlags(['-z'], table, 'fetchmany serve')).toThrow('unknown option -z; see fetchmany serve --help');
  expect(() => readFlags(['-d'], table, 'fetchmany serve')).toThrow('-d needs a value; see fetchmany serve --help');
});
