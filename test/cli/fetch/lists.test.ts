import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { parse } from 'csv-parse/sync';
import { describe, expect, test } from 'vitest';
import { runCli, startCli } from '../../helpers/process/cli.ts';
import { ended, type Ended } from '../../helpers/process/module.ts';
import { held, respond, serve, type Reply, type ScriptedServer } from '../../helpers/servers/serve.ts';

const directory = mkdtempSync(join(tmpdir(), 'fetchmany-lists-'));
let files = 0;

function file(content: string | Uint8Array, extension = 'txt'): string {
  const path = join(directory, `list-${(files += 1)}.${extension}`);
  writeFileSync(path, content);
  return path;
}

interface Row {
  readonly index: number;
  readonly url: string;
  readonly method: string;
  readonly kind: string;
  readonly status?: number;
  readonly attempts: number;
  readonly error?: { readonly code: string; readonly message: string };
  readonly id?: string;
  readonly line?: number;
  readonly source?: string;
  readonly input?: Readonly<Record<string, unknown>>;
  readonly headersHash?: string;
}

const lines = (text: string): string[] => text.split('\n').slice(0, -1);
const parsed = (text: string): Row[] => lines(text).map((line) => JSON.parse(line) as Row);
const rows = ({ stdout }: Ended): Row[] => parsed(stdout).sort((a, b) => a.index - b.index);
const outcomes = (run: Ended): unknown[] => rows(run).map(({ status, error }) => status ?? error?.code);
const ok = (): Promise<ScriptedServer> => serve(respond(200));

/** Answers with the status in the path: /404. */
const statusInPath: Reply = (response, { path }) => response.writeHead(Number(/\d{3}/.exec(path)?.[0] ?? 200)).end();

describe('a table', () => {
  test('gets the columns of its results, one row for each of its rows, in its order', async () => {
    await using server = await serve(statusInPath);
    const table = `status,page,name\nnew,${server.url}/404,"Smith, Ann"\nold,${server.url}/200,"5"" pipe"\n\n,,short\n`;
    const run = await runCli(['-i', file(table, 'csv'), '--url-column', 'page', '--mode', 'gather', '--format', 'csv']);
    expect(run.code).toBe(1);
    const [head = [], ...cells] = parse(run.stdout);
    expect(head.slice(0, 5)).toEqual(['status', 'page', 'name', 'index', 'url']);
    expect(head).toContain('fetch_status');
    const status = head.indexOf('fetch_status');
    const code = head.indexOf('code');
    expect(cells.map((row) => [...row.slice(0, 3), row[status], row[code]])).toEqual([
      ['new', `${server.url}/404`, 'Smith, Ann', '404', ''],
      ['old', `${server.url}/200`, '5" pipe', '200', ''],
      ['', '', 'short', '', 'URL_INVALID'],
    ]);
    expect(run.stderr).toContain('fetchmany: ,,short (line 5): URL_INVALID: Entry has no URL');
  });

  test('of 10,000 rows comes back whole and in order, as CSV and as TSV', async () => {
    await using server = await ok();
    const body = Array.from({ length: 10_000 }, (_, at) => `${at},"Name, ""${at}""",${server.url}/${at}`).join('\r\n');
    const path = file(`id,name,url\r\n${body}\r\n`, 'csv');
    for (const [format, delimiter] of [
      ['csv', ','],
      ['tsv', '\t'],
    ] as const) {
      const run = await runCli(['-i', path, '--mode', 'gather', '--format', format, '-q', '--per-host', '50']);
      expect(run).toMatchObject({ code: 0, stderr: '' });
      const table = parse(run.stdout, { delimiter });
      expect(table[0]!.slice(0, 5)).toEqual(['id', 'name', 'url', 'index', 'fetch_url']);
      expect(table.slice(1).map((row) => row.slice(0, 4))).toEqual(
        Array.from({ length: 10_000 }, (_, at) => [`${at}`, `Name, "${at}"`, `${server.url}/${at}`, `${at}`]),
      );
    }
  });

  test.each([
    [';', 'csv', ';'],
    ['|', 'csv', '|'],
    [',', 'csv', ','],
    ['\t', 'csv', ','],
    [';', 'tsv', '\t'],
  ])('with %j between its cells comes back as %s with %j, every cell unchanged', async (given, format, written) => {
    await using server = await ok();
    const rowsOf = [
      ['name', 'url', 'price'],
      ['Ann; | ,', `${server.url}/`, '1,5'],
    ];
    const list = rowsOf.map((row) => row.map((cell) => `"${cell}"`).join(given)).join('\r\n');
    const run = await runCli(['-i', file(list, 'csv'), '--format', format]);
    const cells = parse(run.stdout, { delimiter: written });
    expect(cells.map((row) => row.slice(0, 3))).toEqual(rowsOf);
    expect(cells[0]).toContain('index');
  });

  test('that cannot be read leaves the output empty, so that the corrected command may write it', async () => {
    await using server = await ok();
    const list = file(Buffer.from(`name,url\nM\u00fcller,${server.url}/\n`, 'latin1'), 'csv');
    for (const format of ['csv', 'json']) {
      const output = join(directory, `customers.${format}`);
      const run = await runCli(['-i', list, '--mode', 'gather', '-o', output, '--format', format]);
      expect([run.code, readFileSync(output, 'utf8')]).toEqual([3, '']);
      const corrected = await runCli(['-i', list, '--input-charset', 'latin1', '-o', output, '--format', format]);
      expect(corrected.code).toBe(0);
      expect(readFileSync(output, 'utf8')).toContain('M\u00fcller');
    }
  });

  test('in UTF-16 or another charset is read right', async () => {
    await using server = await ok();
    const text = `name\turl\nZoë\t${server.url}/\n`;
    const utf16 = file(Buffer.concat([Uint8Array.of(0xff, 0xfe), Buffer.from(text, 'utf16le')]), 'tsv');
    const latin1 = file(Buffer.from(text, 'latin1'), 'tsv');
    for (const args of [
      ['-i', utf16],
      ['-i', latin1, '--input-charset', 'latin1'],
    ]) {
      expect(rows(await runCli([...args, '-j']))).toMatchObject([{ line: 2, input: { name: 'Zoë' } }]);
    }
  });

  test('carries the columns of --keep only, and takes the id from --id-column', async () => {
    await using server = await ok();
    const path = file(`key,name,url\nk1,Ann,${server.url}/\n`, 'csv');
    const [row] = rows(await runCli(['-i', path, '-j', '--keep', 'name', '--id-column', 'key']));
    expect(row).toMatchObject({ id: 'k1', line: 2 });
    expect(row!.input).toEqual({ name: 'Ann' });
    expect(await runCli(['-i', path, '--keep', 'nmae'])).toMatchObject({
      code: 2,
      stderr: `fetchmany: There is no column 'nmae' to keep: the columns are key, name, url\n`,
    });
  });

  test('that ends in an open quotation mark has a record for each row before it, and exits with 3', async () => {
    await using server = await ok();
    const path = file(`url\n${server.url}/1\n${server.url}/2\n"${server.url}/3\n`, 'csv');
    const run = await runCli(['-i', path, '-j']);
    expect([run.code, outcomes(run)]).toEqual([3, [200, 200]]);
    expect(run.stderr).toContain('line 4 opens a quotation mark that is never closed');
  });
});

describe('templates', () => {
  test('make URL, body and header of each row', async () => {
    await using server = await ok();
    const path = file('id,name\na/b c&d%,"Ann ""A"""\n7,Bob\n', 'csv');
    const url = `${server.url}/items/{id}?q={id}`;
    const body = ['--body-template', '{"name":"{name}","n":1}'];
    const run = await runCli(['-i', path, '--url-template', url, ...body, '-H', 'X-Id: {id}', '-j', '-c', '1']);
    expect(outcomes(run)).toEqual([200, 200]);
    const [first, second] = server.requests;
    expect(first!.path).toBe('/items/a%2Fb%20c%26d%25?q=a%2Fb%20c%26d%25');
    expect(first).toMatchObject({
      method: 'POST',
      headers: { 'x-id': 'a/b c&d%', 'content-type': 'application/json' },
    });
    expect(JSON.parse(first!.body.toString())).toEqual({ name: 'Ann "A"', n: 1 });
    expect(second).toMatchObject({ path: '/items/7?q=7', headers: { 'x-id': '7' } });
  });

  test('take a plain line as {value}, and -X as the method of a body', async () => {
    await using server = await ok();
    const run = await runCli(
      ['-i', '-', '-X', 'PUT', '--url-template', `${server.url}/{value}`, '--body-template', 'a={value}', '-j'],
      {
        input: 'x y\n',
      },
    );
    expect(outcomes(run)).toEqual([200]);
    expect(server.requests[0]).toMatchObject({ method: 'PUT', path: '/x%20y' });
    expect(server.requests[0]!.body.toString()).toBe('a=x+y');
  });

  test('with an unknown column exit with 2, and an empty value in the path is a record', async () => {
    await using server = await ok();
    const path = file('id\n1\n""\n', 'csv');
    const unknown = await runCli(['-i', path, '--url-template', `${server.url}/{nope}`]);
    expect([unknown.code, unknown.stdout]).toEqual([2, '']);
    expect(unknown.stderr).toContain('Template contains {nope}, which is not a column: the columns are id');
    const none = await runCli(['-i', path, '--url-template', `${server.url}/{}`]);
    expect([none.code, none.stdout, server.requests]).toEqual([2, '', []]);
    expect(none.stderr).toContain(
      'The URL template has no {column}, so every request would be the same: the columns are id',
    );
    const run = await runCli(['-i', path, '--url-template', `${server.url}/{id}`, '-j']);
    expect(outcomes(run)).toEqual([200, 'REQUEST_INVALID']);
  });
});

describe('what people get wrong', () => {
  test('-d with a column of the list in braces is refused before anything is sent', async () => {
    await using server = await ok();
    const path = file(`id,url\n1,${server.url}/\n`, 'csv');
    const run = await runCli(['-i', path, '-d', '{"id":{id}}']);
    expect([run.code, run.stdout, server.requests]).toEqual([2, '', []]);
    expect(run.stderr).toMatch(/^fetchmany: -d sends \{id\} as it is.*--body-template.*\n$/);
    const plain = await runCli(['-i', '-', '-d', '{value}'], { input: `${server.url}/\n` });
    expect([plain.code, server.requests]).toEqual([2, []]);
  });

  test('a table in another encoding ends at its first damaged line, with exit 3', async () => {
    await using server = await ok();
    const path = file(Buffer.from(`name,url\nAnn,${server.url}/1\nZo\u00eb,${server.url}/2\n`, 'latin1'), 'csv');
    const run = await runCli(['-i', path, '-j']);
    expect([run.code, outcomes(run)]).toEqual([3, [200]]);
    expect(run.stderr).toContain(`Cannot read ${path}: its line 3 is not UTF-8; name the encoding`);
  });

  test('a table on standard input is noted, and a URL as -i, an unused --resolve and a new cookie jar are', async () => {
    await using server = await ok();
    const { port } = new URL(server.url);
    const jar = join(directory, 'none.cookies');
    const args = ['-i', '-', '--resolve', `a.test:80:127.0.0.1`, '--cookie-jar', jar, '--limit', '1'];
    const run = await runCli(args, { input: `id,url\n1,http://127.0.0.1:${port}/\n` });
    expect(run.stderr).toContain('fetchmany: standard input begins like a table; --input-format csv reads it as one\n');
    expect(run.stderr).toContain('fetchmany: --resolve a.test:80:127.0.0.1 was not used: ');
    expect(run.stderr).toContain(`fetchmany: --cookie-jar ${jar}: there is no such file yet`);
    const url = await runCli(['-i', `${server.url}/list`]);
    expect(url).toMatchObject({ code: 3, stdout: '' });
    expect(url.stderr).toMatch(/^fetchmany: Cannot read http.*: it is a URL, not a file: --sitemap URL.*\n$/);
  });

  test('a host without a scheme that serves no https is explained, and so is the way out', async () => {
    await using server = await ok();
    const run = await runCli([server.url.slice('http://'.length), '-v', '--retries', '0']);
    // The answer in plain text may be lost with the connection, which is then CONNECT_RESET.
    expect(run.stderr).toMatch(
      /(?:TLS_PROTOCOL|CONNECT_RESET): .*; it has no scheme, and got https: see --default-scheme\n/,
    );
    expect(run.stderr).toContain('--default-scheme http is for hosts without a scheme');
  });
});

describe('JSON', () => {
  test('lines are requests with options of their own; a broken one is a record with its line', async () => {
    await using server = await serve(statusInPath);
    const entries = [
      `"${server.url}/200"`,
      '7',
      'null',
      '[]',
      '{}',
      '{"url"',
      JSON.stringify({ url: `${server.url}/404`, expect: '404', id: 5, team: 'blue' }),
      JSON.stringify({ url: `${server.url}/503`, retries: 0, json: { a: 1 }, method: 'PUT' }),
      JSON.stringify({ url: `${server.url}/`, headers: { Connection: 'x' } }),
      JSON.stringify({ url: `${server.url}/`, body: 'a', json: 1 }),
      JSON.stringify({ url: `${server.url}/`, proxy: 'gopher://proxy.test' }),
    ];
    const run = await runCli(['-i', file(`${entries.join('\n')}\n`, 'jsonl'), '-j']);
    const invalid = 'REQUEST_INVALID';
    expect(outcomes(run)).toEqual([200, ...Array<string>(5).fill(invalid), 404, 503, invalid, invalid, invalid]);
    expect(rows(run).map(({ line }) => line)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    expect(rows(run)[6]).toMatchObject({ ok: true, id: '5', input: { team: 'blue' } });
    expect(rows(run)[7]).toMatchObject({ attempts: 1, method: 'PUT' });
    // Three entries are explained, and the rest is left to -v.
    expect(run.stderr.match(/^fetchmany: .* \(line \d+\): /gm)).toHaveLength(3);
    expect(run.stderr).toContain('-v explains every failure');
  });

  test('records of an earlier run are a list too', async () => {
    await using server = await serve(statusInPath);
    const first = join(directory, 'first.jsonl');
    await runCli([`${server.url}/404`, `${server.url}/200`, '-o', first, '-q']);
    const run = await runCli(['-i', first, '-j', '-q']);
    expect(new Set(outcomes(run))).toEqual(new Set([200, 404]));
  });
});

describe('sitemaps', () => {
  const urlset = (urls: readonly string[]): string =>
    `<?xml version="1.0"?><urlset>${urls.map((url) => `<url><loc>${url}</loc></url>`).join('')}</urlset>`;
  const index = (urls: readonly string[]): string =>
    `<?xml version="1.0"?><sitemapindex>${urls.map((url) => `<sitemap><loc>${url}</loc></sitemap>`).join('')}</sitemapindex>`;

  test('of a site are found by its robots.txt: 50,000 URLs in five parts, plain and gzip', async () => {
    const pages = (part: number): string[] =>
      Array.from({ length: 10_000 }, (_, at) => `http://127.0.0.1:1/${part}/${at}`);
    const origin = { url: '' };
    const part: Reply = (response, { path }) => {
      const text = urlset(pages(Number(/\d+/.exec(path)![0])));
      response.end(path.endsWith('.gz') ? gzipSync(text) : text);
    };
    await using server = await serve((response, seen) => {
      if (seen.path === '/robots.txt') return response.end(`User-agent: *\nSitemap: ${origin.url}/index.xml\n`);
      if (seen.path !== '/index.xml') return part(response, seen);
      return response.end(
        index([0, 1, 2, 3, 4].map((at) => `${origin.url}/part${at}.xml${at % 2 === 0 ? '' : '.gz'}`)),
      );
    });
    origin.url = server.url;
    // The pages are not fetched: what is measured is the reading.
    const args = ['--sitemap', server.url, '--skip', '49999', '--retries', '0', '-j'];
    const run = await runCli(args);
    expect(rows(run).map(({ url }) => url)).toEqual(['http://127.0.0.1:1/4/9999']);
    expect(server.paths).toHaveLength(7);
  });

  test('in a file have their parts fetched; a part that is missing is told, and exits with 3', async () => {
    const origin = { url: '' };
    await using server = await serve({
      '/part.xml': (response) => response.end(urlset([`${origin.url}/page`])),
      '/gone.xml': respond(404),
      '/page': respond(200),
    });
    origin.url = server.url;
    const run = await runCli(['-i', file(index([`${server.url}/gone.xml`, `${server.url}/part.xml`]), 'xml'), '-j']);
    expect(outcomes(run)).toEqual([200]);
    expect(run.code).toBe(3);
    expect(run.stderr).toContain(`Cannot read ${server.url}/gone.xml: the server answered with status 404`);
  });

  test('are not waited for once the run is stopped', async () => {
    const never = held(respond(200));
    await using server = await serve(never);
    const run = await runCli(['--sitemap', `${server.url}/sitemap.xml`, '--deadline', '1s', '-j']);
    expect(run).toMatchObject({ code: 7, stdout: '' });
    expect(run.stderr).toContain('deadline of 1.00 s reached');
  });
});

test('ten curl commands are requests', async () => {
  await using server = await ok();
  const url = (path: string): string => `${server.url}${path}`;
  const commands = [
    `curl '${url('/1')}' -H 'accept: */*' -H 'connection: keep-alive' --compressed`,
    `curl '${url('/2')}' \\\n  -H 'x-a: 1' \\\n  --data-raw $'{"a":"it\\'s"}'`,
    `curl "${url('/3')}" -X DELETE`,
    `curl ${url('/4')} -d a=1 -d b=2`,
    `curl -G ${url('/5')} --data-urlencode 'q=x y'`,
    `curl -u user:pass ${url('/6')}`,
    `curl --json '{"a":1}' ${url('/7')}`,
    `curl -I ${url('/8')}`,
    `curl ${url('/9')} -d @/etc/passwd`,
    `curl -H "authorization: Bearer $TOKEN" ${url('/10')}`,
  ];
  const run = await runCli(['-i', file(`${commands.join('\n')}\n`, 'sh'), '-j', '-c', '1']);
  expect(outcomes(run)).toEqual([...Array<number>(8).fill(200), 'REQUEST_INVALID', 'REQUEST_INVALID']);
  expect(server.requests.map(({ method, path, body }) => [method, path, body.toString()])).toEqual([
    ['GET', '/1', ''],
    ['POST', '/2', `{"a":"it's"}`],
    ['DELETE', '/3', ''],
    ['POST', '/4', 'a=1&b=2'],
    ['GET', '/5?q=x+y', ''],
    ['GET', '/6', ''],
    ['POST', '/7', '{"a":1}'],
    ['HEAD', '/8', ''],
  ]);
});

test('a HAR is a list of its requests', async () => {
  await using server = await ok();
  const entry = (method: string, url: string, body?: string): object => ({
    request: {
      method,
      url,
      headers: [
        { name: ':authority', value: 'x' },
        { name: 'X-Mine', value: '1' },
      ],
      ...(body !== undefined && { postData: { mimeType: 'application/json', text: body } }),
    },
  });
  const entries = [entry('GET', `${server.url}/a`), entry('POST', `${server.url}/b`, '{}'), entry('GET', 'data:,x')];
  const run = await runCli(['-i', file(JSON.stringify({ log: { entries } }), 'har'), '-j', '-c', '1']);
  expect(outcomes(run)).toEqual([200, 200]);
  expect(server.requests.map(({ method, path, headers }) => [method, path, headers['x-mine']])).toEqual([
    ['GET', '/a', '1'],
    ['POST', '/b', '1'],
  ]);
  expect(run.stderr).toContain('skipped 1 entries that are not http or https requests');
});

describe('plain lists', () => {
  test('have a line in each record, and a source where there are several', async () => {
    await using server = await ok();
    const first = file(`# comment\n${server.url}/1\n\n${server.url}/2\n`);
    const second = file(`\n${server.url}/3\n`);
    const one = rows(await runCli(['-i', first, '-j', `${server.url}/0`]));
    expect(one.map(({ line, source }) => [line, source])).toEqual([
      [undefined, undefined],
      [2, undefined],
      [4, undefined],
    ]);
    for (const more of [[], ['-X', 'HEAD'], ['--unique']]) {
      const two = rows(await runCli(['-i', first, '-i', second, '-j', ...more]));
      expect(two.map(({ line, source }) => [line, source])).toEqual([
        [2, first],
        [4, first],
        [2, second],
      ]);
    }
  });

  test('and arguments may have hosts without a scheme', async () => {
    await using server = await ok();
    const bare = server.url.slice('http://'.length);
    const run = await runCli([`${bare}/a`, '-i', '-', '--default-scheme', 'http', '-j'], { input: `${bare}/b\n` });
    expect(outcomes(run)).toEqual([200, 200]);
    expect(rows(run).map(({ url }) => url)).toEqual([`${bare}/a`, `${bare}/b`]);
    const refused = await runCli([bare, '--default-scheme', 'none']);
    expect(refused.stderr).toContain('URL_INVALID: URL has no scheme: write http:// or https:// before it');
  });
});

test('--glob expands the URLs of the command line', async () => {
  await using server = await ok();
  const run = await runCli(['--glob', `${server.url}/{a,b}/[1-3]`, '-j', '-c', '1']);
  expect(server.paths).toEqual(['/a/1', '/a/2', '/a/3', '/b/1', '/b/2', '/b/3']);
  expect(rows(run)[4]!.input).toEqual({ 1: 'b', 2: '2' });
  expect(await runCli(['--glob', `${server.url}/[3-1]`])).toMatchObject({ code: 2 });
});

test('--unique, --skip, --limit and --shuffle choose the requests', async () => {
  await using server = await ok();
  const path = file(Array.from({ length: 20 }, (_, at) => `${server.url}/${at % 10}\n`).join(''));
  const fetched = async (...args: string[]): Promise<(number | undefined)[]> =>
    rows(await runCli(['-i', path, '-j', ...args])).map(({ line }) => line);
  expect(await fetched('--unique', '--skip', '2', '--limit', '3')).toEqual([3, 4, 5]);
  const shuffled = await fetched('--shuffle', '--seed', '7');
  expect(shuffled).not.toEqual(shuffled.toSorted((a, b) => a! - b!));
  expect(shuffled.toSorted((a, b) => a! - b!)).toEqual(Array.from({ length: 20 }, (_, at) => at + 1));
  expect(await fetched('--shuffle', '--seed', '7')).toEqual(shuffled);
});

describe('--resume', () => {
  test('fetches the rows that were inserted, and no others', async () => {
    await using server = await ok();
    const output = join(directory, 'resumed.jsonl');
    const table = (...ids: number[]): string =>
      file(`id,url\n${ids.map((id) => `${id},${server.url}/${id}\n`).join('')}`, 'csv');
    await runCli(['-i', table(1, 2, 3), '-o', output, '-q']);
    const run = await runCli(['-i', table(1, 9, 2, 3), '-o', output, '--resume', '-q']);
    expect(run.code).toBe(0);
    expect(server.paths.sort()).toEqual(['/1', '/2', '/3', '/9']);
    expect(
      parsed(readFileSync(output, 'utf8'))
        .map(({ id, line }) => [id, line])
        .at(-1),
    ).toEqual(['9', 3]);
  });

  test('knows two requests that differ in their header fields only', async () => {
    await using server = await ok();
    const output = join(directory, 'headers.jsonl');
    const entry = (language: string): string =>
      JSON.stringify({ url: server.url, headers: { 'X-Language': language } });
    const list = (...languages: string[]): string => file(`${languages.map(entry).join('\n')}\n`, 'jsonl');
    await runCli(['-i', list('de', 'fr'), '-o', output, '-q']);
    const hashes = parsed(readFileSync(output, 'utf8')).map(({ headersHash }) => headersHash);
    expect(new Set(hashes).size).toBe(2);
    expect(hashes[0]).toMatch(/^[0-9a-f]{32}$/);
    await runCli(['-i', list('fr', 'en', 'de'), '-o', output, '--resume', '-q']);
    const languages = server.requests.map(({ headers }) => String(headers['x-language']));
    expect(languages).toHaveLength(3);
    expect(new Set(languages)).toEqual(new Set(['de', 'en', 'fr']));
  });
});

test('--record-unstarted writes a record for every entry of a stopped run', async () => {
  const reply = held(respond(200));
  await using server = await serve(reply);
  const list = file(Array.from({ length: 500 }, (_, at) => `${server.url}/${at}\n`).join(''));
  const child = startCli(['-i', list, '-j', '-c', '2', '--per-host', '2', '--read-ahead', '10', '--record-unstarted']);
  const end = ended(child);
  await server.seen(2);
  child.kill('SIGINT');
  await new Promise((resolve) => setTimeout(resolve, 300));
  reply.release();
  const run = await end;
  expect(run.code).toBe(130);
  const records = rows(run);
  expect(records.map(({ index }) => index)).toEqual(Array.from({ length: 500 }, (_, at) => at));
  expect(records.map(({ line }) => line)).toEqual(Array.from({ length: 500 }, (_, at) => at + 1));
  expect(records.filter(({ kind }) => kind === 'response')).toHaveLength(2);
  expect(records[400]).toMatchObject({ kind: 'cancelled', attempts: 0, error: { code: 'ABORTED' } });
  expect(run.stderr).toMatch(/stopped by SIGINT: 498 requests cancelled$/m);
});
