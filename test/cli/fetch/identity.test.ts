import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { FetchPlan } from '../../../cli/fetch/fetch-plan.ts';
import { planOf } from '../../helpers/plan-of.ts';
import { resumeCommand } from '../../../cli/fetch/resume-command.ts';
import { runCli } from '../../helpers/process/cli.ts';
import { respond, serve } from '../../helpers/servers/serve.ts';
import { temporary } from '../../helpers/temporary.ts';

const files = temporary('identity');
const withUrl = (...argv: string[]): FetchPlan => planOf(['http://a.test/', ...argv]);
const netrc = files.file('machine a.localhost login me password canary\n');

describe('identity flags', () => {
  test.each([
    [['-u', 'me:a:b'], { user: 'me', password: 'a:b' }],
    [['--bearer', 'abc'], { bearer: 'abc' }],
    [['--bearer', `@${files.file('abc\n')}`], { bearer: 'abc' }],
    [['-b', 'a=1', '-b', 'b=2'], { cookie: 'a=1; b=2' }],
    [['--netrc-file', netrc], { netrc: readFileSync(netrc, 'utf8') }],
    [['-umy:x', '--auth-for', 'https://A.test:443/'], { user: 'my', password: 'x', origins: ['https://a.test'] }],
  ])('%j', (argv, auth) => {
    expect(withUrl(...argv).fetcher.auth).toEqual(auth);
  });

  test('-n reads the file that NETRC names, else the one in the home directory', async () => {
    await using server = await serve(respond(200));
    const run = (env: Record<string, string>): Promise<unknown> => runCli(['-n', server.at('a')], { env });
    expect(await run({ NETRC: netrc })).toMatchObject({ code: 0 });
    expect(server.requests[0]?.headers.authorization).toBe(`Basic ${Buffer.from('me:canary').toString('base64')}`);
    const missing = await run({ HOME: dirname(netrc) });
    expect(missing).toMatchObject({
      code: 3,
      stderr: expect.stringMatching(/\.netrc: no such file/) as string,
    });
  });

  test('without any of them there is no auth, and the User-Agent is a header', () => {
    expect(withUrl().fetcher).not.toHaveProperty('auth');
    expect(withUrl('-A', 'me/1').fetcher.headers).toEqual([['user-agent', 'me/1']]);
    expect(withUrl('-A', 'me/1', '-H', 'user-agent: you').fetcher.headers).toEqual([['user-agent', 'you']]);
  });

  test('-H @FILE reads a header from each line', () => {
    const path = files.file('X-A: 1\r\n\nAuthorization: Bearer {token}\nX-B: a:b\n');
    const plan = withUrl('-H', `@${path}`);
    expect(plan.fetcher.headers).toEqual([
      ['X-A', '1'],
      ['X-B', 'a:b'],
    ]);
    expect(plan.literalHeaders).toEqual([['Authorization', 'Bearer {token}']]);
  });

  test.each([
    [['-u', 'canary'], /^-u must be a name, a colon and a password/],
    [['-u', ':canary'], /^-u must be/],
    [['-u', 'me:canary', '--bearer', 'canary'], /^-u and --bearer cannot be combined/],
    [['--bearer', ''], /^--bearer must be a token/],
    [['--bearer', 'Bearer canary'], /^--bearer takes the token alone: leave out 'Bearer' before it/],
    [['--bearer', `@${files.file('bearer canary\n')}`], /^--bearer takes the token alone/],
    [['--bearer', 'canary\u0001'], /^--bearer must be a token/],
    [['-b', 'canary'], /^-b must be a name.*--cookie-jar FILE/],
    [['--auth-for', 'https://a.test'], /^--auth-for needs/],
    [['--auth-for', 'a.test', '-u', 'me:canary'], /^--auth-for must be an origin/],
    [['-A', ''], /^--user-agent must be/],
    [['-H', `@${files.file('X-A: 1\ncanary\n')}`], /line 2 is not a header/],
    [['-H', '@/none/canary-free'], /^Cannot read \/none/],
    [['--netrc-file', files.file('machine a\nlogin')], /it is not a netrc file: line 2/],
    [['-u', 'me:***'], /^--user still contains the placeholder/],
    [['--bearer', '***'], /^--bearer still contains the placeholder/],
    [['-b', '***'], /^--cookie still contains the placeholder/],
    [['-H', '@-', '--bearer', '@-'], /standard input/],
    [['-i', '-', '--bearer', '@-'], /standard input/],
  ])('%j is one clear line', (argv, message) => {
    expect(() => withUrl(...argv)).toThrow(message);
    expect(() => withUrl(...argv)).not.toThrow(/canary(?!-free)/);
  });

  test('are hidden in the command that resumes a run, files stay', () => {
    const argv = [
      '-u',
      'me:canary',
      '--bearer=canary',
      '-bcanary=1',
      '--bearer',
      '@token',
      '-H',
      '@head',
      '-n',
      'http://a/',
    ];
    expect(resumeCommand('fetchmany', argv)).toBe(
      "fetchmany '--user=***' '--bearer=***' '--cookie=***' --bearer=@token --header=@head --netrc --resume http://a/",
    );
  });
});

test('a second origin gets no -u, and one warning says so', async () => {
  await using server = await serve(respond(200));
  const list = files.file(`${server.at('a')}/1\n${server.at('b')}/2\n${server.at('b')}/3\n`);
  const run = await runCli(['-u', 'me:canary', '-i', list, '--mode', 'sequential']);
  expect(run.code).toBe(0);
  expect(run.stderr.match(/WARNING: .*/g)).toEqual([
    `WARNING: -u is not sent to ${server.at('b')}: it goes only to the origin of the first request, or to those named by --auth-for`,
  ]);
  expect(server.requests.map(({ headers }) => headers.authorization !== undefined)).toEqual([true, false, false]);
  expect(run.stdout + run.stderr).not.toContain('canary');
});

test('a resumed run sends -u where the first run did, not to whoever is next', async () => {
  await using server = await serve(respond(200));
  const list = files.file(`${server.at('a')}/1\n${server.at('b')}/2\n${server.at('b')}/3\n`);
  const output = files.path('.jsonl');
  const flags = ['-u', 'me:pw', '-i', list, '-o', output, '--mode', 'sequential', '-q'];
  expect((await runCli([...flags, '--limit', '1'])).code).toBe(0);
  expect((await runCli([...flags, '--resume'])).code).toBe(0);
  expect(server.requests.map(({ path, headers }) => `${path} ${headers.authorization !== undefined}`)).toEqual([
    '/1 true',
    '/2 false',
    '/3 false',
  ]);
});

test('--cookie-jar carries a login over to the next run', async () => {
  await using server = await serve({
    '/login': respond(302, { location: '/home', 'set-cookie': 'session=canary; Path=/; Max-Age=1000' }),
    '/home': (response, { headers }) => response.writeHead(headers.cookie === 'session=canary' ? 200 : 401).end(),
  });
  const jar = files.path('.txt');
  const login = await runCli(['--cookie-jar', jar, `${server.url}/login`, '-j']);
  const later = await runCli(['--cookie-jar', jar, `${server.url}/home`, '-j']);
  expect([login.code, later.code]).toEqual([0, 0]);
  expect(readFileSync(jar, 'utf8')).toContain('session\tcanary');
  expect(login.stdout + login.stderr + later.stdout + later.stderr).not.toContain('canary');
  expect(existsSync(`${jar}.lock`)).toBe(false);
  writeFileSync(jar, 'canary\n');
  const broken = await runCli(['--cookie-jar', jar, `${server.url}/home`]);
  expect(broken).toMatchObject({
    code: 3,
    stdout: '',
    stderr: expect.stringMatching(/it is not a cookie file: line 1/) as string,
  });
});
