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

test('readFlags() takes a command line apart', () => {
  const flags = readFlags(['http://a/', '-c', '5', '-q', 'http://b/'], table);
  expect(flags.words).toEqual(['http://a/', 'http://b/']);
  expect(flags.read('concurrency', count(1, '50'))).toBe(5);
  expect([flags.has('quiet'), flags.has('no-color'), flags.has('data')]).toEqual([true, false, false]);
});

test('readFlags() lets the last one count where a flag is given twice, and keeps all for those that may be', () => {
  const flags = readFlags(['-c', '5', '--concurrency=7', '-d', 'a', '-d', 'b', '-q', '-q'], table);
  expect(flags.read('concurrency', count(1, '50'))).toBe(7);
  expect(flags.all('data')).toEqual(['a', 'b']);
  expect(flags.has('quiet')).toBe(true);
});

test.each([...nastyStrings, '"x"', "'x'", 'true', 'false', '1e5', '007', '-q', '--', '--quiet', 'a=b'])(
  'readFlags() leaves the value %j as it is',
  (value) => {
    expect(readFlags(['-d', value], table).all('data')).toEqual([value]);
    expect(readFlags([`--data=${value}`, '--', value], table)).toMatchObject({ words: [value] });
  },
);

test.each([
  [['--concurency', '5'], 'Unknown option --concurency; did you mean --concurrency?'],
  [['--no-colour'], 'Unknown option --no-colour; did you mean --no-color?'],
  [['--color'], 'Unknown option --color; see fetchmany --help'],
  [['-z'], 'Unknown option -z; see fetchmany --help'],
  [['-qz'], 'Unknown option -z; see fetchmany --help'],
  [['--frobnicate=7'], 'Unknown option --frobnicate; see fetchmany --help'],
  [['--frob', '--nicate'], 'Unknown option --frob; see fetchmany --help'],
  [['--\u001b[2J'], String.raw`Unknown option --\x1b[2J; see fetchmany --help`],
  [['--help.me'], 'Unknown option --help.me; see fetchmany --help'],
  [['--constructor'], 'Unknown option --constructor; see fetchmany --help'],
  [['---quiet'], 'Unknown option ---quiet; did you mean --quiet?'],
])('readFlags(%j) says: %s', (argv, message) => {
  expect(() => readFlags(argv, table)).toThrow(message);
});

test('readFlags() does not take what stands on prototypes for a flag', () => {
  for (const name of ['__proto__', 'toString', 'hasOwnProperty', '_', '$0']) {
    expect(() => readFlags([`--${name}`, '1'], table), name).toThrow('Unknown option');
  }
});
