import { expect, test } from 'vitest';
import { listAgain, resumeCommand } from '../../../cli/fetch/resume-command.ts';

test.each([
  [['-i', 'urls.txt', '-o', 'out.jsonl'], 'fetchmany --input=urls.txt --output=out.jsonl --resume'],
  [
    ['-o', 'a b.jsonl', '--overwrite', '-c9', 'http://a/?x&y'],
    "fetchmany '--output=a b.jsonl' --concurrency=9 --resume 'http://a/?x&y'",
  ],
  [['-qjo', 'o', '--', '-odd'], 'fetchmany --quiet --jsonl --output=o --resume -- -odd'],
])('resumeCommand() for %j is %s', (argv, command) => {
  expect(resumeCommand('fetchmany', argv)).toBe(command);
});

test('resumeCommand() breaks a long command between words, so that it can be copied from a terminal', () => {
  const argv = ['-i', 'a list.txt', '-o', 'results.jsonl', '-c', '100', '--host-rate', '5/s', '--retries', '4'];
  expect(resumeCommand('fetchmany', argv, 40)).toBe(
    [
      "fetchmany '--input=a list.txt' \\",
      '  --output=results.jsonl \\',
      '  --concurrency=100 --host-rate=5/s \\',
      '  --retries=4 --resume',
    ].join('\n'),
  );
  const longWord = resumeCommand('fetchmany', ['-o', `${'x'.repeat(50)}.jsonl`], 40);
  expect(longWord).toBe(`fetchmany \\\n  --output=${'x'.repeat(50)}.jsonl \\\n  --resume`);
});

test('resumeCommand() shows no secret', () => {
  const command = resumeCommand('fetchmany', [
    '-HAuthorization: Bearer canary',
    '--header=Cookie: canary',
    '-H',
    'X-Api-Key:canary',
    '-H',
    'Accept: text/html',
    '-d',
    'password=canary',
    '-d',
    '@body.json',
    'http://user:canary@host/',
    'http://canary@host/',
  ]);
  expect(command).not.toContain('canary');
  expect(command).toBe(
    "fetchmany '--header=Authorization: ***' '--header=Cookie: ***' '--header=X-Api-Key: ***' '--header=Accept: text/html' " +
      "'--data=***' --data=@body.json --resume 'http://user:***@host/' 'http://***@host/'",
  );
});

test.each([
  ['fetchmany -i urls.txt --resume', false, ''],
  ['fetchmany -o r.jsonl --resume', true, ', with the same list on standard input'],
  ['fetchmany --input=/dev/fd/63 --resume', false, ', with the same list in place of /dev/fd/63'],
])('the list of %j has to be given again', (command, readsStdin, words) => {
  expect(listAgain(command, readsStdin)).toBe(words);
});
