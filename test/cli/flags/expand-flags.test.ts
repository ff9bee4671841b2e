import { expect, test } from 'vitest';
import { expandFlags } from '../../../cli/flags/expand-flags.ts';

const table = {
  concurrency: { short: 'c', value: 'X' },
  header: { short: 'H', value: 'X' },
  quiet: { short: 'q' },
  insecure: { short: 'k' },
};

test.each([
  [['-c', '10'], ['--concurrency=10'], []],
  [['-c10'], ['--concurrency=10'], []],
  [['-c=10'], ['--concurrency=10'], []],
  [['--concurrency', '10'], ['--concurrency=10'], []],
  [['--concurrency=10'], ['--concurrency=10'], []],
  [['--concurrency='], ['--concurrency='], []],
  [['-c', ''], ['--concurrency='], []],
  [['-c', '-1'], ['--concurrency=-1'], []],
  [['-c', '--quiet'], ['--concurrency=--quiet'], []],
  [['-H', 'a: b=c\nd'], ['--header=a: b=c\nd'], []],
  [['-H=x: 1'], ['--header=x: 1'], []],
  [['-qk'], ['--quiet', '--insecure'], []],
  [['-qc10', 'url'], ['--quiet', '--concurrency=10'], ['url']],
  [['-qc', '10', 'url'], ['--quiet', '--concurrency=10'], ['url']],
  [['a', '-q', 'b'], ['--quiet'], ['a', 'b']],
  [['-', '-5'], [], ['-', '-5']],
  [['-q', '--', '-c', '--'], ['--quiet'], ['-c', '--']],
  [['--concurency', '5'], ['--concurency'], ['5']],
  [['-qz5'], ['--quiet', '-z'], []],
  [['--toString', '--=x'], ['--toString', '--=x'], []],
  [[], [], []],
])('expandFlags(%j)', (argv, flags, words) => {
  expect(expandFlags(argv, table)).toEqual({ flags, words });
});

test('expandFlags() names a flag that lacks its value, and one that takes none', () => {
  expect(() => expandFlags(['-q', '-c'], table)).toThrow('-c needs a value');
  expect(() => expandFlags(['--header'], table)).toThrow('--header needs a value');
  expect(() => expandFlags(['--quiet=yes'], table)).toThrow('--quiet takes no value');
});

test('expandFlags() takes no flag for the name of a file or a directory', () => {
  const files = { ...table, input: { short: 'i', value: 'FILE' }, save: { value: 'DIR' } };
  const expand = (...argv: string[]) => expandFlags(argv, files).flags;
  expect(() => expand('--save', '--quiet')).toThrow(
    '--save needs a directory: got the option --quiet; --save=--quiet takes it as a name',
  );
  expect(() => expand('-i', '--header=x')).toThrow('-i needs a file: got the option --header=x');
  expect(() => expand('-i', '-q')).toThrow('-i needs a file: got the option -q');
  expect(expand('-i', '-', '--save=--quiet', '--save', '--other', '-i', '-z')).toEqual([
    '--input=-',
    '--save=--quiet',
    '--save=--other',
    '--input=-z',
  ]);
});
