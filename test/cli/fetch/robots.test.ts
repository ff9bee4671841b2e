import { expect, test } from 'vitest';
import { parseRecord } from '../../../src/http/record.ts';
import { runCli } from '../../helpers/process/cli.ts';
import { respond, serve } from '../../helpers/servers/serve.ts';

test('--robots: what is denied is a record without a request, the exit code is 1, and the summary tells the pace', async () => {
  const file = respond(200, {}, 'User-agent: *\nDisallow: /private # no\nCrawl-delay: 0.1\n');
  await using server = await serve({ '/robots.txt': file, '*': respond(200) });
  const { url } = server;
  const { code, stdout, stderr } = await runCli(['--robots', '-j', `${url}/a`, `${url}/private/b`, `${url}/c`]);
  expect(code).toBe(1);
  const records = stdout
    .trim()
    .split('\n')
    .map((line) => parseRecord(line)!);
  expect(records.filter(({ kind }) => kind === 'response').map((record) => record.url)).toEqual([
    `${url}/a`,
    `${url}/c`,
  ]);
  expect(records.find(({ index }) => index === 1)).toMatchObject({
    kind: 'failure',
    attempts: 0,
    error: { code: 'ROBOTS_DENIED', message: 'robots.txt line 2: disallow: /private (for *)', retryable: false },
  });
  expect(server.paths).toEqual(['/robots.txt', '/a', '/c']);
  expect(stderr).toContain('10.0/s (robots.txt)');
});
