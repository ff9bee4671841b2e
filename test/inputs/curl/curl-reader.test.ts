import { execFile, spawnSync } from 'node:child_process';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createFetcher } from '../../../src/index.ts';
import { readRequests } from '../../../src/inputs/read-requests.ts';
import type { RequestItem } from '../../../src/inputs/request-item.ts';
import { collect } from '../../helpers/collect.ts';

const read = (script: string): Promise<RequestItem[]> => collect(readRequests([script], { format: 'curl' }));

/** Commands as browsers and people write them; HOST is the server. */
const commands: readonly (readonly [name: string, command: string])[] = [
  [
    'Chrome, bash',
    `curl 'http://HOST/api/items?page=2' \\
  -H 'accept: application/json, text/plain, */*' \\
  -H 'accept-language: en-GB,en;q=0.9' \\
  -b 'session=abc; theme=dark' \\
  -H 'user-agent: Mozilla/5.0 (X11; Linux x86_64)' \\
  --compressed`,
  ],
  [
    'Chrome, bash with ANSI-C quotes',
    `curl 'http://HOST/post' -H 'content-type: application/json' --data-raw $'{"name":"O\\'Brien","text":"a\\\\nb \\u00e9 \\u0021"}'`,
  ],
  [
    'Firefox',
    `curl 'http://HOST/x' --compressed -X POST -H 'User-Agent: Mozilla/5.0' -H 'Connection: keep-alive' -H 'Origin: http://HOST' --data-raw 'a=1&b=%20c'`,
  ],
  [
    'Safari',
    `curl 'http://HOST/s' \\
-X 'PUT' \\
-H 'Accept: */*' \\
-H 'Referer: http://HOST/' \\
--data-binary '{"x":[1,2]}'`,
  ],
  ['joined options', `curl -sSLXPATCH -HX-One:1 -d'a=b' http://HOST/joined`],
  ['data in the query', `curl -G http://HOST/g?x=1 -d a=1 -d b=2 --data-urlencode 'q=a b&c=é' -A '' -e http://r.test/`],
  ['data in several parts', `curl http://HOST/d -d a=1 --data-raw '@b' --data-urlencode '=x y' --data-urlencode 'p q'`],
  ['--json in two parts', `curl --json '{"a":' --json '1}' http://HOST/j`],
  ['a user', `curl -u 'me:p:w' http://HOST/u`],
  ['HEAD', `curl -I "http://HOST/h"`],
  ['a header without a value, and one that is removed', `curl http://HOST/e -H 'X-Empty;' -H 'X-Gone:' -H 'Accept:'`],
  ['double quotes with escapes', `curl "http://HOST/q" -H "X-A: \\"b\\" \\\\ 'c'" --data "a\\$b"`],
  ['a URL without a scheme', `curl HOST/bare`],
  ['brackets that are not expanded', `curl -g 'http://HOST/g?a[]=1&b={x}'`],
  ['a fragment', `curl 'http://HOST/f?x#part'`],
  ['two URLs', `curl http://HOST/1 --url http://HOST/2 -H 'X: y'`],
];

interface Seen {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const seen: Seen[] = [];
const server = createServer((request, response) => {
  void bodyOf(request).then((body) => {
    const { method = '', url = '', rawHeaders } = request;
    const pairs = rawHeaders.flatMap((name, at) => (at % 2 === 0 ? [[name.toLowerCase(), rawHeaders[at + 1]!]] : []));
    seen.push({ method, url, headers: Object.fromEntries(pairs) as Record<string, string>, body });
    response.end();
  });
});
let host = '';

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => new Promise((resolve) => server.close(resolve)));

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

/** Everything a server sees, but for what the connection and our own defaults add. */
function comparable({ method, url, headers, body }: Seen, isGivenAgent: boolean): object {
  const {
    connection: _1,
    'content-length': _2,
    'accept-encoding': _3,
    host: _4,
    accept,
    'user-agent': agent,
    ...rest
  } = headers;
  const compared = {
    ...rest,
    ...(accept !== undefined && accept !== '*/*' && { accept }),
    ...(isGivenAgent && { agent }),
  };
  // Which letters a percent-encoding has depends on the version of curl.
  const written = (text: string): string => text.replace(/%[0-9a-f]{2}/gi, (code) => code.toUpperCase());
  return {
    method,
    url: written(url),
    body: written(body),
    headers: Object.entries(compared)
      .map((pair) => pair.join(': '))
      .toSorted(),
  };
}

const hasCurl = spawnSync('curl', ['--version']).status === 0 && spawnSync('bash', ['--version']).status === 0;

describe('readRequests() of curl commands', () => {
  test.skipIf(!hasCurl).for(commands)('asks for what curl asks for: %s', async ([, template]) => {
    const command = template.replaceAll('HOST', host);
    const isGivenAgent = /user-agent/i.test(command);
    seen.length = 0;
    await promisify(execFile)('bash', ['-c', command.replace(/^curl/, 'curl --noproxy "*" -s -o /dev/null')]);
    const byCurl = seen.splice(0).map((request) => comparable(request, isGivenAgent));
    await using fetcher = createFetcher({ retry: { retries: 0 } });
    const results = await fetcher.gather(readRequests([command], { format: 'curl' }));
    expect(results.map(({ kind }) => kind)).toEqual(byCurl.map(() => 'response'));
    const byUs = seen.splice(0).map((request) => comparable(request, isGivenAgent));
    const order = (request: object): string => JSON.stringify(request);
    expect(byUs.map(order).toSorted()).toEqual(byCurl.map(order).toSorted());
  });

  test.each([
    [
      'Chrome',
      `curl ^"https://a.test/x?a=1^&b=^%^20^" ^\r\n  -H ^"accept: */*^" ^\r\n  --data-raw ^"^{^\\^"a^\\^":^\\^"x ^^ y^\\^"^}^"`,
    ],
    [
      'an older Chrome',
      `curl "https://a.test/x?a=1&b=%20" ^\r\n  -H "accept: */*" ^\r\n  --data-raw "{\\"a\\":\\"x ^^ y\\"}" ^\r\n  --compressed`,
    ],
    ['Firefox', `curl.exe "https://a.test/x?a=1&b=%20" --compressed -H "accept: */*" --data-raw "{""a"":""x ^ y""}"`],
  ])('reads a command copied for cmd by %s', async (_, script) => {
    expect(await read(`${script}\r\n`)).toMatchObject([
      {
        url: 'https://a.test/x?a=1&b=%20',
        method: 'POST',
        headers: [
          ['accept', '*/*'],
          ['content-type', 'application/x-www-form-urlencoded'],
        ],
        body: '{"a":"x ^ y"}',
        line: 1,
      },
    ]);
  });

  test('reads a line break in the data of a command for cmd', async () => {
    const [item] = await read(`curl ^"http://a/^" ^\r\n --data-raw ^"one^\r\n\r\ntwo^"\r\n`);
    expect(item).toMatchObject({ body: 'one\ntwo' });
  });

  test('reads all commands of a script, with their lines', async () => {
    const script = `#!/bin/sh\n# curl http://no/\n\ncurl 'http://a/' \\\n  -H 'x: 1' ;\ncurl 'http://b/' &\ncurl http://c/ && curl http://d/ --next -I http://e/\n`;
    expect((await read(script)).map(({ url, line }) => [url, line])).toEqual([
      ['http://a/', 4],
      ['http://b/', 6],
      ['http://c/', 7],
      ['http://d/', 7],
      ['http://e/', 7],
    ]);
    const cmd = `curl ^"http://a/^" ^\r\n  -I &\r\ncurl ^"http://b/^"\r\n`;
    expect((await read(cmd)).map(({ url, line }) => [url, line])).toEqual([
      ['http://a/', 1],
      ['http://b/', 3],
    ]);
  });

  test.each([
    ['-d @FILE', `curl http://a/ -d @/etc/passwd`, /reads a file \(-d @\/etc\/passwd\)/],
    ['--data-binary @FILE', `curl http://a/ --data-binary @x`, /reads a file/],
    ['--data-urlencode name@FILE', `curl http://a/ --data-urlencode n@x`, /reads a file/],
    ['--json @FILE', `curl http://a/ --json @x`, /reads a file/],
    ['-H @FILE', `curl http://a/ -H @x`, /reads a file/],
    ['-b FILE', `curl http://a/ -b cookies.txt`, /reads a file/],
    ['-F', `curl http://a/ -F a=b`, /the option -F, which is not supported/],
    ['-T', `curl http://a/ -T x`, /the option -T, which/],
    ['-k in a cluster', `curl -sk http://a/`, /the option -k, which/],
    ['-K', `curl -K x http://a/`, /the option -K, which/],
    ['-x', `curl -x http://p/ http://a/`, /the option -x, which/],
    ['an unknown option', `curl http://a/ --frobnicate`, /the option --frobnicate, which/],
    ['a variable', `curl http://a/ -H "x: $TOKEN"`, /the variable \$TOKEN; variables are not expanded/],
    ['a variable in braces', 'curl http://a/ -H "x: ${TOKEN}"', /the variable \$\{TOKEN\}/],
    ['a command in a command', `curl http://a/ -H "x: $(id)"`, /the variable \$\(/],
    ['backquotes', 'curl http://a/ -H `id`', /contains '`', which needs a shell/],
    ['a redirection', `curl http://a/ > x`, /contains '>'/],
    ['a pipe', `curl http://a/ | sh`, /is part of a pipe/],
    ['a glob', `curl 'http://a/[1-9]'`, /braces or brackets, which curl would expand/],
    ['no URL', `curl -I`, /has no URL/],
    ['an option without a value', `curl http://a/ -H`, /has -H without a value/],
    ['another program', `wget http://a/`, /is 'wget', not curl/],
  ])('rejects a command with %s, and reads the next one', async (_, command, message) => {
    const items = await read(`curl http://first/\n${command}\ncurl http://b/\n`);
    const rejected = items.find((item) => 'error' in item) as { error: Error & { code: string }; line: number };
    expect(rejected).toMatchObject({ line: 2, error: { code: 'REQUEST_INVALID' } });
    expect(rejected.error.message).toMatch(message);
    expect(items.at(-1)).toMatchObject({ url: 'http://b/' });
  });

  test('rejects a command with a quotation mark that is not closed', async () => {
    expect(await read(`curl http://first/\ncurl 'http://a/\n`)).toMatchObject([
      { url: 'http://first/' },
      { line: 2, error: { code: 'REQUEST_INVALID', message: 'Command has a quotation mark that is not closed' } },
    ]);
  });

  test('shows no header field of a command that it rejects', async () => {
    const items = await read(`curl a.test -H 'Authorization: Bearer secret' -F x=y`);
    expect(JSON.stringify(items)).not.toContain('secret');
  });

  test('decodes the bytes of ANSI-C quotes as UTF-8', async () => {
    const escapes = String.raw`\xe6\x97\xa5`.repeat(500);
    expect(await read(`curl http://a/ --data-raw $'\\303\\251${escapes}\\t\\q'`)).toMatchObject([
      { body: `é${'日'.repeat(500)}\t\\q` },
    ]);
  });

  test('takes -o as the name of the file, and -m as the time limit', async () => {
    expect(await read(`curl http://a/ -o a.html -m 2.5`)).toMatchObject([{ file: 'a.html', timeoutMs: 2500 }]);
  });

  test('refuses more than 64 MB', async () => {
    const chunk = Buffer.alloc(1 << 20, '# curl\n');
    const chunks = Array.from({ length: 70 }, () => chunk);
    await expect(collect(readRequests(chunks, { format: 'curl' }))).rejects.toThrow('more than 67108864 bytes');
  });
});
