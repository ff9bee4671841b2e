import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { runCli } from '../../helpers/process/cli.ts';
import { respond, serve } from '../../helpers/servers/serve.ts';
import { temporary } from '../../helpers/temporary.ts';

const files = temporary('ci');
const html = { 'content-type': 'text/html' };

describe('fetchmany in CI', () => {
  test('--expect-body and --expect-type make responses not ok, -q -v says why, --junit has every case', async () => {
    await using server = await serve({
      '/good': respond(200, html, '<title>Shop</title>'),
      '/empty': respond(200, html, '<title></title>'),
      '/type': respond(200, { 'content-type': 'text/plain' }, 'Shop'),
      '/404': respond(404, html, 'Shop'),
    });
    const junit = files.path('.xml');
    writeFileSync(junit, 'old');
    const urls = ['/good', '/empty', '/type', '/404'].map((path) => server.url + path);
    const flags = ['--expect-body', 'Sh.p', '--expect-type', 'text/html', '--junit', junit, '--only', 'not-ok', '-j'];
    const run = await runCli([...urls, ...flags, '-q', '-v', '--mode', 'gather']);
    expect(run.code).toBe(1);
    const records = run.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { url: string; unexpected?: string[] });
    expect(records.map(({ url, unexpected }) => [url.slice(server.url.length), unexpected])).toEqual([
      ['/empty', ['body']],
      ['/type', ['type']],
      ['/404', undefined],
    ]);
    expect(run.stderr.trim().split('\n')).toEqual([
      `fetchmany: ${server.url}/empty: body does not match Sh.p`,
      `fetchmany: ${server.url}/type: type text/plain, expected text/html`,
      `fetchmany: ${server.url}/404: status 404, expected 200-399`,
    ]);
    const report = readFileSync(junit, 'utf8');
    expect(report.match(/<testcase /g)).toHaveLength(4);
    expect(report.match(/<failure type="(?:body|type|status)"/g)).toHaveLength(3);
    expect(report).toMatch(/<\/testsuites>\n$/);
  });

  test('a status that is not expected is explained along with what else is missing', async () => {
    await using server = await serve(respond(404, {}, 'gone'));
    const junit = files.path('.xml');
    const run = await runCli([
      server.url,
      '--expect-body',
      'Shop',
      '--expect-type',
      'text/html',
      '--junit',
      junit,
      '-q',
      '-v',
    ]);
    expect(run.stderr).toContain(
      'status 404, expected 200-399; type unknown, expected text/html; body does not match Shop\n',
    );
    expect(readFileSync(junit, 'utf8')).toContain('<failure type="status" message="status 404, ');
  });

  test('--junit with --resume has a case for each record, also of the runs before', async () => {
    let isDown = true;
    await using server = await serve((response, seen) =>
      respond(isDown && seen.path === '/b' ? 500 : 200)(response, seen),
    );
    const [output, junit] = [files.path('.jsonl'), files.path('.xml')];
    const args = ['-o', output, '--junit', junit, '--retries', '0', '-q'];
    const cases = (): string[] => {
      const report = readFileSync(junit, 'utf8');
      return [...report.matchAll(/name="[^"]*(\/\w)" time="[\d.]+"(\/?>)/g)]
        .map(([, path, end]) => `${path}${end}`)
        .sort();
    };
    const urls = ['/a', '/b', '/c'].map((path) => server.url + path);
    await runCli([...urls, ...args]);
    expect(cases()).toEqual(['/a/>', '/b>', '/c/>']);
    await runCli([...urls, ...args, '--resume']);
    expect(cases()).toEqual(['/a/>', '/b>', '/c/>']);
    isDown = false;
    await runCli([...urls, ...args, '--resume', '--retry-failed']);
    expect(cases()).toEqual(['/a/>', '/b/>', '/c/>']);
    await runCli([...urls, ...args, '--resume', '--retry-failed']);
    expect(cases()).toEqual(['/a/>', '/b/>', '/c/>']);
  });

  test('--max-time is about the verdict: the response still arrives', async () => {
    await using server = await serve(async (response) => {
      response.write('x');
      await server.seen(1);
      setTimeout(() => response.end(), 30);
    });
    const run = await runCli([server.url, '--max-time', '1ms', '-j']);
    expect(run.code).toBe(1);
    expect(JSON.parse(run.stdout)).toMatchObject({ status: 200, length: 1, ok: false, unexpected: ['time'] });
  });

  test('--save and --expect-body search what is saved', async () => {
    await using server = await serve({ '/a': respond(200, {}, 'found'), '/b': respond(200, {}, 'other') });
    const folder = files.path();
    const run = await runCli([
      `${server.url}/a`,
      `${server.url}/b`,
      '--save',
      folder,
      '--expect-body',
      'found',
      '-j',
      '--mode',
      'gather',
    ]);
    const records = run.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { file: string; ok: boolean });
    expect([run.code, records.map(({ ok }) => ok)]).toEqual([1, [true, false]]);
    expect(readFileSync(`${folder}/${records[0]!.file}`, 'utf8')).toBe('found');
  });

  test('--format github annotates what is not ok; report --format markdown makes a table of it', async () => {
    await using server = await serve({ '/a': respond(200), '/b': respond(500) });
    const records = files.path('.jsonl');
    const urls = ['/a', '/b'].map((path) => server.url + path);
    const run = await runCli([...urls, '--format', 'github', '--retries', '0']);
    expect(run).toMatchObject({
      code: 1,
      stdout: `::error title=fetchmany%3A 500::${server.url}/b: status 500, expected 200-399\n`,
    });
    expect((await runCli([...urls, '-o', records, '--retries', '0', '-q'])).code).toBe(1);
    const table = await runCli(['report', records, '--only', 'not-ok', '--format', 'markdown']);
    expect(table.code).toBe(0);
    expect(table.stdout.split('\n')).toHaveLength(4);
    expect(table.stdout).toMatch(/^\| Status .*\n\|.*\n\| 500 \| 0 B \|/);
  });

  test('a JUnit report that cannot be written ends with 4 before anything is sent; one of a stopped run is whole', async () => {
    await using server = await serve(respond(404));
    const run = await runCli([server.url, '--junit', '/none/junit.xml']);
    expect(run).toMatchObject({ code: 4, stdout: '' });
    expect(server.requests).toHaveLength(0);
    const junit = files.path('.xml');
    const stopped = await runCli([`${server.url}/1`, `${server.url}/2`, '--max-errors', '0', '-c1', '--junit', junit]);
    expect(stopped.code).toBe(7);
    expect(readFileSync(junit, 'utf8')).toMatch(/<failure[^]*<\/testsuites>\n$/);
  });
});
