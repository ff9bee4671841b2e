import { expect, test } from 'vitest';
import { planOf } from '../../../helpers/plan-of.ts';
import { resumeCommand } from '../../../../cli/fetch/resume-command.ts';

const queued = ['-i', 'urls.txt', '-o', 'out.jsonl', '--queue', 'redis://user:secret@queue:6379/0'];

test('a queue comes from --queue or FETCHMANY_QUEUE, which none ignores', () => {
  expect(planOf([...queued, '--name', 'nightly', '--lease', '5s'])).toMatchObject({
    queue: { queue: 'redis://user:secret@queue:6379/0', name: 'nightly', leaseMs: 5000 },
  });
  process.env['FETCHMANY_QUEUE'] = 'redis://other';
  try {
    expect(planOf(['-i', 'urls.txt', '-o', 'out.jsonl'])).toMatchObject({
      queue: { queue: 'redis://other', name: 'fetchmany' },
    });
    expect(planOf(['-i', 'urls.txt', '--queue', 'none'])).toMatchObject({ queue: undefined });
  } finally {
    delete process.env['FETCHMANY_QUEUE'];
  }
});

test.for([
  [
    [...queued, '--rate', '5/s'],
    '--rate and --queue cannot be combined: each worker would count for itself; use --host-rate',
  ],
  [[...queued, '--save', 'pages'], '--save and --queue cannot be combined: bodies stay with the worker'],
  [[...queued, '--include-body'], '--include-body and --queue cannot be combined'],
  [[...queued, '--cookie-jar', 'jar.txt'], '--cookie-jar and --queue cannot be combined'],
  [[...queued, '--mode', 'gather'], '--mode and --queue cannot be combined'],
  [[...queued, '--name', 'a b'], '--name must be 1 to 64 letters'],
  [[...queued, '--lease', '1ms'], '--lease must be at least 500ms'],
  [['-i', 'urls.txt', '--queue', 'redis://queue'], '--queue needs a JSON Lines file: add -o results.jsonl'],
  [['-i', 'urls.txt', '--lease', '5s'], '--lease needs --queue'],
] as const)('%s is refused', ([argv, message]) => {
  expect(() => planOf(argv)).toThrow(message);
});

test('the command that continues a run does not show the password of its queue', () => {
  const command = resumeCommand('fetchmany', queued);
  expect(command).toContain('--queue=redis://user:***@queue:6379/0');
  expect(command).not.toContain('secret');
});
