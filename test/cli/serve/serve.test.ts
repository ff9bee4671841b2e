import { expect, test } from 'vitest';
import { startServer } from '../../../cli/server/server.ts';
import { runCli, startCli, untilSays } from '../../helpers/process/cli.ts';
import { ended } from '../../helpers/process/module.ts';

test.each(['SIGINT', 'SIGTERM'] as const)(
  'fetchmany serve prints its address, serves, and exits with 0 on %s',
  async (signal) => {
    const child = startCli(['serve']);
    const end = ended(child);
    const printed = new Promise<string>((resolve) => child.stdout!.once('data', (text) => resolve(String(text))));
    await untilSays(child, 'stderr', 'press Ctrl-C to stop');
    const url = (await printed).trim();
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect((await fetch(`${url}/status/418`)).status).toBe(418);
    child.kill(signal);
    expect(await end).toMatchObject({ code: 0, stderr: expect.stringMatching(/stopped after 1 request\n$/) });
  },
);

test('fetchmany serve listens on the given host and port', async () => {
  const child = startCli(['serve', '--port', '0', '--host', 'localhost']);
  const end = ended(child);
  await untilSays(child, 'stdout', 'http://localhost:');
  child.kill('SIGTERM');
  expect((await end).code).toBe(0);
});

test('fetchmany serve reports on one line that a port is in use', async () => {
  await using server = await startServer();
  const { code, stdout, stderr } = await runCli(['serve', '--port', String(server.port)]);
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toBe(
    `fetchmany: --port ${server.port} is in use; choose another, or omit --port to use any free port\n`,
  );
});
