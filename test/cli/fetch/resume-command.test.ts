import { expect, test } from 'vitest';
import { resumeCommand } from '../../../cli/fetch/resume-command.ts';

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
