import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { runCli } from '../../helpers/process/cli.ts';
import { respond, serve } from '../../helpers/servers/serve.ts';
import { temporary } from '../../helpers/temporary.ts';

const { path, file } = temporary('diff');

const line = (url: string, more: object = {}): string => {
  const size = { ok: true, status: 200, length: 10, wireLength: 10, elapsedMs: 100, attempts: 1 };
  const rest = { complete: 'framed', finalUrl: url, redirects: 0 };
  return `${JSON.stringify({ index: 0, url, method: 'GET', kind: 'response', ...size, ...rest, ...more })}\n`;
};
const old = file(['/a', '/b', '/c', '/d'].map((on) => line(`http://h${on}`)).join(''), '.jsonl');

const byLength = 'URLs compared by length only: --hash on both runs compares the content';

const empty = file('', '-empty.jsonl');

test('of the same run in another order exits with 0 and prints nothing', async () => {
  const shuffled = file(['/c', '/a', '/d', '/b'].map((on) => line(`http://h${on}`)).join(''), '.jsonl');
  const { code, stdout, stderr } = await runCli(['diff', old, shuffled]);
  expect([code, stdout]).toEqual([0, '']);
  expect(stderr).toBe(`fetchmany: no differences\nfetchmany: 4 ${byLength}\n`);
});

test('lists what changed, what is new and what is gone, and exits with 1', async () => {
  const changes = [
    line('http://h/d', { length: 11 }),
    line('http://h/a', { ok: false, status: 503 }),
    line('http://h/e'),
    line('http://h/b'),
  ];
  const fresh = file(changes.join(''), '.jsonl');
  const { code, stdout, stderr } = await runCli(['diff', old, fresh]);
  expect(code).toBe(1);
  expect(stdout.split('\n').map((text) => text.replace(/ +/g, ' ').trim())).toEqual([
    'content 10 B -> 11 B http://h/d',
    'failing 200 -> 503 http://h/a',
    'new - -> 200 http://h/e',
    'gone 200 -> - http://h/c',
    '',
  ]);
  expect(stderr).toBe(
    `fetchmany: 4 differences: 1 content, 1 failing, 1 new, 1 gone\nfetchmany: 1 ${byLength.replace('URLs', 'URL')}\n`,
  );
  const json = await runCli(['diff', old, fresh, '--format', 'json', '-q']);
  expect(JSON.parse(json.stdout)).toContainEqual({
    kind: 'failing',
    url: 'http://h/a',
    method: 'GET',
    oldLabel: '200',
    newLabel: '503',
    oldMs: 100,
    newMs: 100,
  });
  expect(json.stderr).toBe('');
});

test('writes a page that escapes what it shows', async () => {
  const fresh = file(line('http://h/<script>alert(1)</script>'), '.jsonl');
  const page = path('.html');
  const { code } = await runCli(['diff', old, fresh, '-o', page]);
  expect(code).toBe(1);
  const text = readFileSync(page, 'utf8');
  expect(text).toContain('5 differences');
  expect(text.replaceAll(/<[^>]*>|\s+/g, ' ').replaceAll(/ +/g, ' ')).toContain('p50 latency 100 ms 100 ms –');
  expect(text).toContain('http://h/&#60;script&#62;alert(1)');
  expect(text).not.toContain('<script>alert');
  expect((await runCli(['diff', old, fresh, '-o', page])).code).toBe(4);
});

test('finds exactly the third that changed between two saved runs', async () => {
  const bodies = new Map(Array.from({ length: 60 }, (_, at) => [`/${at}.html`, `body ${at}`]));
  await using server = await serve((response, seen) => respond(200, {}, bodies.get(seen.path))(response, seen));
  const urls = file([...bodies.keys()].map((on) => server.url + on).join('\n'));
  const [first, second, folder] = [path('.jsonl'), path('.jsonl'), path()];
  await runCli(['-i', urls, '--save', folder, '-o', first, '-q']);
  const changed = [...bodies.keys()].filter((_, at) => at % 3 === 0);
  for (const on of changed) bodies.set(on, `BODY ${on.slice(1, -5)}`);
  await runCli(['-i', urls, '--save', folder, '-o', second, '-q', '--if-changed', first]);
  const { stdout } = await runCli(['diff', first, second, '--format', 'json', '-q']);
  const found = JSON.parse(stdout) as { kind: string; url: string }[];
  expect(
    found
      .filter(({ kind }) => kind === 'content')
      .map(({ url }) => new URL(url).pathname)
      .sort(),
  ).toEqual(changed.sort());
});

test('the page counts the bytes that were received, not those of bodies that were unchanged', async () => {
  const fresh = file(line('http://h/a', { status: 304, unchanged: true, wireLength: 0 }), '.jsonl');
  const page = path('.html');
  await runCli(['diff', old, fresh, '-o', page, '-q']);
  const text = readFileSync(page, 'utf8')
    .replaceAll(/<[^>]*>|\s+/g, ' ')
    .replaceAll(/ +/g, ' ');
  expect(text).toContain('Data received 40 B 0 B −40 B');
});

test('compares the bodies in both files', async () => {
  let body = 'one';
  await using server = await serve((response, seen) => respond(200, {}, body)(response, seen));
  const [first, second] = [path('.jsonl'), path('.jsonl')];
  await runCli([server.url, '--include-body', '-o', first, '-q']);
  body = 'two';
  await runCli([server.url, '--include-body', '-o', second, '-q']);
  const { code, stdout, stderr } = await runCli(['diff', first, second]);
  expect(stdout).toMatch(/^content +3 B -> other content +http/);
  expect([code, stderr]).toEqual([1, 'fetchmany: 1 difference: 1 content\n']);
});

test.each([
  [[], 2, /two files of records/],
  [['x.jsonl', '-'], 2, /more than once/],
  [['no.jsonl', 'no.jsonl'], 3, /no\.jsonl/],
  [[old, empty], 3, /empty\.jsonl: it contains no records$/m],
  [[empty, old], 3, /empty\.jsonl: it contains no records$/m],
])('%j is refused', async (args, exit, message) => {
  const { code, stderr } = await runCli(['diff', ...args]);
  expect([code, stderr]).toEqual([exit, expect.stringMatching(message)]);
});
