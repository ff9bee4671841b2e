import { describe, expect, test } from 'vitest';
import { proxyVariables } from '../../../cli/rows/warn-about-proxy.ts';
import { runCli } from '../../helpers/process/cli.ts';
import { respond, serve } from '../../helpers/servers/serve.ts';

test.each([
  [{ HTTP_PROXY: 'http://proxy:1' }, ['HTTP_PROXY']],
  [{ https_proxy: 'http://proxy:1' }, ['https_proxy']],
  [{ all_proxy: 'socks5://proxy:1', ALL_PROXY: 'socks5://proxy:1' }, ['ALL_PROXY', 'all_proxy']],
  [{ HTTPS_PROXY: '', http_proxy: undefined, NO_PROXY: '*', PROXY: 'x', FTP_PROXY: 'x' }, []],
])('proxyVariables(%j) is %j', (env, names) => {
  expect(proxyVariables(env)).toEqual(names);
});

describe.each(['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY', 'http_proxy', 'https_proxy', 'all_proxy'])('%s', (name) => {
  const env = { [name]: 'http://user:canary@127.0.0.1:1/' };

  test('is reported once, on one line that shows no password, and has no effect', async () => {
    await using server = await serve(respond(200));
    const { code, stderr } = await runCli([`${server.url}/1`, `${server.url}/2`], { env });
    expect(code).toBe(0);
    const warnings = stderr.split('\n').filter((line) => line.includes('WARNING'));
    expect(warnings).toEqual([
      `fetchmany: WARNING: ${name} is set, but proxies are not supported yet; requests go directly to the servers`,
    ]);
    expect(stderr).not.toContain('canary');
  });

  test('is not reported with -q', async () => {
    await using server = await serve(respond(200));
    expect(await runCli([`${server.url}/`, '-q'], { env })).toMatchObject({ code: 0, stderr: '' });
  });
});

test('fetchmany bench warns too, but not about its own server', async () => {
  const env = { HTTPS_PROXY: 'http://127.0.0.1:1/' };
  const few = ['--requests', '1', '--levels', '1', '--repeat', '1'];
  await using server = await serve(respond(200));
  expect((await runCli(['bench', `${server.url}/`, ...few], { env })).stderr).toContain('WARNING: HTTPS_PROXY is set');
  expect((await runCli(['bench', ...few], { env })).stderr).not.toContain('WARNING');
});
