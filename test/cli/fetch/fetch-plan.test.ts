import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generate } from 'selfsigned';
import { expect, test } from 'vitest';
import type { FetchPlan } from '../../../cli/fetch/fetch-plan.ts';
import { planOf } from '../../helpers/plan-of.ts';
import { resolveOptions } from '../../../src/fetcher/options.ts';

const directory = mkdtempSync(join(tmpdir(), 'fetchmany-plan-'));

function file(name: string, content: string | Uint8Array): string {
  const path = join(directory, name);
  writeFileSync(path, content);
  return path;
}

function plan(...argv: string[]): FetchPlan {
  return planOf(argv, {});
}

test('readPlan() leaves all defaults to the library', () => {
  const { fetcher, ...rest } = plan('http://a/');
  expect(fetcher).toEqual({
    perHost: {},
    retry: {},
    headers: [],
    tls: {},
    proxy: { url: 'environment' },
    responseBody: 'discard',
  });
  expect(rest).toMatchObject({
    urls: ['http://a/'],
    lists: { inputs: [] },
    mode: 'as-completed',
    format: 'text',
    request: undefined,
  });
});

test.each(['--save', '--warc'])('readPlan() limits silence, not the whole time, with %s', (flag) => {
  const silence = { timeoutMs: Infinity, headersTimeoutMs: 30_000, idleTimeoutMs: 30_000 };
  expect(plan('http://a/', flag, 'x').fetcher).toMatchObject(silence);
  expect(plan('http://a/', flag, 'x', '-t', '5s').fetcher).toMatchObject({ ...silence, timeoutMs: 5000 });
});

test('readPlan() reads limits that are learned, and says what is wrong with others', () => {
  const learned = { concurrency: 'auto', perHost: { concurrency: { auto: 20 } } };
  expect(plan('http://a/', '-c', 'auto', '--per-host', 'auto:20').fetcher).toMatchObject(learned);
  expect(() => plan('http://a/', '--per-host', 'automatic')).toThrow(
    '--per-host must be a whole number of at least 1, auto, or auto:MAX',
  );
});

test('readPlan() translates every flag', () => {
  const argv = [
    ['-i', 'a.txt', '--input', '-', '--mode', 'sequential', '--delay', '500ms', '-c', '9', '--per-host', '3'],
    ['--rate', '10/s', '--host-rate', '60/m', '--retries', '0', '-t', '5s', '--connect-timeout', '1s'],
    ['--retry-methods', 'get,post', '--retry-statuses', '429,500-599', '--retry-delay', '1s'],
    [
      '--retry-max-delay',
      '9s',
      '--no-retry-budget',
      '--no-pace',
      '--robots',
      '--max-wait',
      '5m',
      '--host-patience',
      'none',
    ],
    ['--headers-timeout', '2s', '--idle-timeout', '3s', '--url-deadline', '0', '--deadline', '1h', '--max-body', '1KB'],
    [
      '--max-redirects',
      '0',
      '--expect',
      '200',
      '--read-ahead',
      '0',
      '--http2',
      '--block-private',
      '-H',
      'A: b:c',
      '-X',
      'put',
      '-d',
      'x',
    ],
    [
      '-k',
      '-j',
      '-o',
      'out.txt',
      '--overwrite',
      '--max-errors',
      '5%',
      '--include-headers',
      '-v',
      '--no-color',
      '--no-progress',
    ],
  ];
  expect(plan(...argv.flat(), 'http://a/')).toEqual({
    expected: { statuses: '200' },
    only: [],
    urls: ['http://a/'],
    lists: {
      inputs: ['a.txt', '-'],
      sitemaps: [],
      read: { defaultScheme: 'https', method: 'PUT' },
      isGlob: false,
      isUnique: false,
      shuffle: undefined,
      skip: undefined,
      limit: undefined,
      allowEmpty: false,
    },
    mode: 'sequential',
    intervalMs: 500,
    deadlineMs: 3_600_000,
    fetcher: {
      concurrency: 9,
      rate: 10,
      perHost: { concurrency: 3, rate: 1 },
      retry: {
        retries: 0,
        methods: ['GET', 'POST'],
        statuses: '429,500-599',
        delayMs: 1000,
        maxDelayMs: 9000,
        budget: false,
      },
      pace: false,
      robots: true,
      maxWaitMs: 300_000,
      hostPatienceMs: Infinity,
      timeoutMs: 5000,
      connectTimeoutMs: 1000,
      headersTimeoutMs: 2000,
      idleTimeoutMs: 3000,
      urlDeadlineMs: Infinity,
      maxBodyBytes: 1000,
      maxRedirects: 0,
      expect: '200',
      readAhead: 0,
      http2: true,
      addressGuard: true,
      headers: [
        ['A', 'b:c'],
        ['content-type', 'application/x-www-form-urlencoded'],
      ],
      tls: { rejectUnauthorized: false },
      proxy: { url: 'environment' },
      responseBody: 'discard',
    },
    literals: { data: ['x'], cookies: [], bearer: [] },
    request: { method: 'PUT', body: Buffer.from('x') },
    literalHeaders: [],
    recordUnstarted: false,
    format: 'jsonl',
    output: 'out.txt',
    overwrite: true,
    resume: false,
    retryFailed: false,
    maxErrors: { max: 5, unit: 'percent' },
    fsync: 'second',
    includeHeaders: true,
    progress: 'none',
    summary: 'text',
    isQuiet: false,
    isVerbose: true,
    mayColor: false,
  });
});

test.each<[argv: string[], progress: string, summary: string]>([
  [[], 'auto', 'text'],
  [['-q'], 'auto', 'none'],
  [['-q', '--summary', 'json', '--progress', 'plain'], 'plain', 'json'],
  [['--summary', 'text', '--progress', 'none', '--no-progress'], 'none', 'text'],
])('readPlan(%j) has progress %s and summary %s', (argv, progress, summary) => {
  expect(plan(...argv, 'u')).toMatchObject({ progress, summary });
});

test('readPlan() returns options that the library accepts', () => {
  const { fetcher } = plan('-t', '0', '--url-deadline', '0', '--rate', '0.5/h', '-d', 'x', '-H', 'A: b', 'http://a/');
  expect(() => resolveOptions(fetcher)).not.toThrow();
});

test('readPlan() sends a body with POST, unless a method is given', () => {
  expect(plan('-d', 'x', 'u').request).toEqual({ method: 'POST', body: Buffer.from('x') });
  expect(plan('-d', 'x', '-XGET', 'u').request).toEqual({ method: 'GET', body: Buffer.from('x') });
  expect(plan('-X', 'head', 'u').request).toEqual({ method: 'HEAD' });
  expect(plan('-d', '', 'u').request).toEqual({ method: 'POST', body: Buffer.alloc(0) });
});

test('readPlan() sends a body as a form, unless a header gives its type', () => {
  expect(plan('-d', 'x', '-H', 'CONTENT-TYPE: text/plain', 'u').fetcher.headers).toEqual([
    ['CONTENT-TYPE', 'text/plain'],
  ]);
});

test('readPlan() reads a body from a file, and joins several bodies as curl does', () => {
  const bytes = Buffer.from([0, 255, 10, 13]);
  expect(plan('-d', `@${file('body', bytes)}`, 'u').request?.body).toEqual(bytes);
  expect(plan('-d', 'a=1', '-d', 'b=2', 'u').request?.body).toEqual(Buffer.from('a=1&b=2'));
});

test.each([
  [['-o', 'x.jsonl'], 'jsonl'],
  [['-o', 'x.NDJSON'], 'jsonl'],
  [['-o', 'x.json'], 'json'],
  [['-o', 'x.csv'], 'csv'],
  [['-o', 'x.txt'], 'text'],
  [['-o', 'x.log'], 'text'],
  [['-o', 'dir.html/x'], 'text'],
  [['-o', 'x.html', '--format', 'csv'], 'csv'],
  [['-o', 'jsonl'], 'text'],
  [['-o', 'x.jsonl', '--format', 'text'], 'text'],
  [['-o', 'x.csv', '-j'], 'jsonl'],
  [['-j', '--format', 'jsonl'], 'jsonl'],
  [['--format', 'csv', '--format', 'json'], 'json'],
])('readPlan(%j) writes %s', (argv, format) => {
  expect(plan(...argv, 'u').format).toBe(format);
});

test.each([
  [['--warc-max-size', '1MB'], /^--warc-max-size needs --warc$/],
  [['-o', 'x.jsonl.bak'], /-o writes records, and \.bak is not a format of records.*--save DIR/],
  [['--delay', '1s'], /--delay works only with --mode sequential/],
  [['--delay', '1s', '--mode', 'gather'], /--delay works only with --mode sequential/],
  [['-j', '--format', 'csv'], /-j .* cannot be combined with --format csv/],
  [['--resume', '--overwrite', '-o', 'x.jsonl'], /--resume and --overwrite cannot be combined/],
  [['--resume'], /--resume needs a JSON Lines file: add -o results.jsonl/],
  [['--resume', '-j'], /--resume needs a JSON Lines file/],
  [['--resume', '-j', '-o', '-'], /--resume needs a JSON Lines file/],
  [['--resume', '-o', 'x.csv'], /--resume needs a JSON Lines file/],
  [['--retry-failed', '-o', 'x.jsonl'], /--retry-failed needs --resume/],
  [['--fsync', 'second'], /--fsync needs a JSON Lines file/],
  [['--fsync', 'always', '-o', 'x.jsonl'], /--fsync must be one of never, second, record/],
  [['--max-errors', '101%'], /--max-errors must be a whole number of records, or a percentage/],
  [['--max-errors', '1.5'], /--max-errors must be/],
  [['--no-progress', '--progress', 'plain'], /--no-progress and --progress plain cannot be combined/],
  [['--progress', 'fancy'], /--progress must be one of auto, plain, none/],
  [['--summary', 'yaml'], /--summary must be one of text, json/],
  [['--expect-body', '('], /--expect-body must be a regular expression/],
  [['--expect-body', 'x', '-X', 'HEAD'], /responses to HEAD have none/],
  [['--expect-type', 'html'], /--expect-type must be a list of media types/],
  [['--max-time', '0'], /--max-time must be more than 0/],
  [['--max-time', '5'], /--max-time must be a time with a unit/],
  [['--only', 'bad'], /--only must be one of ok, unexpected, failed, cancelled, not-ok/],
  [['--only', 'ok', '--resume', '-o', 'x.jsonl'], /--only and --resume cannot be combined/],
  [['--junit', '-'], /--junit needs a file of its own/],
  [['--junit', 'x.txt', '-o', 'x.txt'], /--junit needs a file of its own/],
  [['--include-headers'], /--include-headers needs --format jsonl or json/],
  [['--include-headers', '-o', 'x.csv'], /--include-headers needs/],
  [['-i', '-', '-d', '@-'], /-d @- reads the body from standard input/],
  [['--cert', 'x.pem'], /--cert and --key go together/],
  [['--key', 'x.pem'], /--cert and --key go together/],
  [['-H', 'Authorization canary'], /^(?!.*canary)-H must be a name, a colon and a value.*: got no colon$/],
  [['-H', 'canary'], /^(?!.*canary)-H must be a name, a colon and a value.*: got no colon$/],
  [['-H', ': x'], /-H must be a valid header/],
  [['-H', 'Host: x y'], /Cannot send header Host/],
  [['-H', 'X: a\r\nb'], /-H must be a valid header/],
  [['-H', 'X: ☃'], /-H must be a valid header/],
  [['-X', 'CONNECT'], /--method must be an HTTP method/],
  [['-X', ''], /--method must be an HTTP method/],
  [['-o', ''], /--output must be a name/],
  [
    ['--format', 'xml'],
    /--format must be one of text, jsonl, csv, tsv, json, table, markdown, github, such as --format jsonl: got "xml"/,
  ],
  [['--mode', 'fast'], /--mode must be one of as-completed, gather, sequential/],
  [['--deadline', '5'], /--deadline must be a time with a unit/],
])('readPlan(%j) throws: %s', (argv, message) => {
  expect(() => plan(...argv, 'u')).toThrow(message);
});

test('readPlan() does not show the value of an invalid header, which may be a secret', () => {
  for (const header of ['Authorization canary', 'X-Key: canary\u0000', 'Host: canary/']) {
    expect(() => plan('-H', header, 'u')).toThrow(/^(?!.*canary)/s);
  }
});

test('readPlan() checks certificates and keys', async () => {
  const own = await generate([{ name: 'commonName', value: 'localhost' }], { keyType: 'ec' });
  const other = await generate([{ name: 'commonName', value: 'localhost' }], { keyType: 'ec' });
  const [cert, key, otherKey] = [file('c.pem', own.cert), file('k.pem', own.private), file('o.pem', other.private)];
  const both = file('both.pem', `${own.cert}\n${own.private}`);
  expect(plan('--cacert', cert, '--cert', cert, '--key', key, 'u').fetcher.tls).toEqual({
    ca: Buffer.from(own.cert),
    cert: Buffer.from(own.cert),
    key: Buffer.from(own.private),
  });
  expect(plan('--cert', both, '--key', both, 'u').fetcher.tls?.key).toBeDefined();
  expect(() => plan('--cert', cert, '--key', otherKey, 'u')).toThrow(/^--cert and --key must be PEM files.*mismatch/);
  expect(() => plan('--cert', key, '--key', key, 'u')).toThrow(/^--cert and --key must be PEM files/);
  expect(() => plan('--cacert', key, 'u')).toThrow(/^--cacert must be a PEM file of certificates/);
  expect(() => plan('--cacert', join(directory, 'none'), 'u')).toThrow(/^Cannot read .*no such file/);
  expect(() => plan('--cacert', directory, 'u')).toThrow(/^Cannot read .*it is a directory$/);
  expect(() => plan('-d', `@${directory}/none`, 'u')).toThrow(/^Cannot read .*no such file/);
});

test('readPlan() translates every flag of the lists', () => {
  const argv = [
    ['--input-format', 'csv', '--input-charset', 'latin1', '--url-column', 'page', '--id-column', 'key'],
    ['--url-template', 'https://a/{key}', '--keep', 'key, name', '--default-scheme', 'http', '--sitemap', 'b.example'],
    ['--unique', '--shuffle', '--seed', '7', '--skip', '1', '--limit', '2', '--allow-empty', '--glob'],
    ['-H', 'X-Key: {key}', '-H', 'Accept: */*', '--record-unstarted', '-i', 'a.csv'],
  ];
  expect(plan(...argv.flat())).toMatchObject({
    lists: {
      inputs: ['a.csv'],
      sitemaps: [new URL('http://b.example/')],
      read: {
        format: 'csv',
        charset: 'windows-1252',
        urlColumn: 'page',
        idColumn: 'key',
        urlTemplate: 'https://a/{key}',
        headerTemplates: { 'X-Key': '{key}' },
        keep: ['key', 'name'],
        defaultScheme: 'http',
      },
      isGlob: true,
      isUnique: true,
      shuffle: { seed: 7 },
      skip: 1,
      limit: 2,
      allowEmpty: true,
    },
    fetcher: { headers: [['Accept', '*/*']] },
    recordUnstarted: true,
  });
});

test.each([
  [['--seed', '1'], '--seed needs --shuffle'],
  [['--body-template', '{a}', '-d', 'x', '-i', 'a.csv'], '-d and --body-template cannot be combined'],
  [['--url-template', 'https://a/{b}', 'https://c/'], 'use -i FILE instead of URL arguments'],
  [['--sitemap', 'ftp://a/'], '--sitemap must be the URL of a sitemap or a site'],
  [['--keep', 'a,,b'], '--keep must be a list of columns'],
  [['https://a/', '--input-format', 'sitemap'], '--input-format sitemap is for files: --sitemap URL fetches'],
  [['https://a/', '--input-format', 'csv'], '--input-format needs a list: -i FILE'],
  [['--sitemap', 'https://a/', '--input-charset', 'latin1'], '--input-charset needs a list: -i FILE'],
  [['https://a/', '--url-column', 'x'], '--url-column needs a list: -i FILE'],
  [['--include-body', 'json', '-j', 'https://a/'], 'write --include-body=json'],
  [['--include-body=xml', '-j', 'https://a/'], 'such as --include-body=text: got "xml"'],
  [['-t', '5', 'https://a/'], 'got "5"; did you mean 5s?'],
  [['--rate', '5', 'https://a/'], 'got "5"; did you mean 5/s?'],
  [['-c', 'cookies.txt', 'https://a/'], 'got "cookies.txt"; --cookie-jar FILE keeps cookies'],
  [['--input-charset', 'klingon'], '--input-charset must be the name of an encoding'],
  [['--input-format', 'xlsx'], '--input-format must be one of lines, csv, tsv, jsonl, json, sitemap, har, curl'],
  [['--body-template', '***', '-i', 'a.csv'], 'still contains the placeholder ***'],
])('readPlan(%j) throws: %s', (argv, message) => {
  expect(() => plan(...argv)).toThrow(message);
});
