import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough, Writable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import { writeTo, type BodyStream } from '../../src/bodies.ts';
import { createFetcher, type FetchInit, type RequestInput } from '../../src/index.ts';
import { respond, serve, silence } from '../helpers/servers/serve.ts';
import { temporary } from '../helpers/temporary.ts';

const { path } = temporary('init');

describe('fetch(url, init)', () => {
  test.each<[name: string, init: FetchInit, method: string, type: string | RegExp | undefined, body: string | RegExp]>([
    ['a method', { method: 'put' }, 'PUT', undefined, ''],
    ['a text', { body: 'x' }, 'POST', undefined, 'x'],
    ['JSON', { json: { a: [1] } }, 'POST', 'application/json', '{"a":[1]}'],
    ['null as JSON', { json: null }, 'POST', 'application/json', 'null'],
    ['JSON of a type of its own', { json: 1, headers: { 'Content-Type': 'x/y' } }, 'POST', 'x/y', '1'],
    ['a form', { form: { a: 'b c', d: 'é' } }, 'POST', /^application\/x-www-form-urlencoded/, 'a=b+c&d=%C3%A9'],
    ['parameters', { body: new URLSearchParams('a=1') }, 'POST', /^application\/x-www-form-urlencoded/, 'a=1'],
    ['bytes', { body: new Uint8Array([97]).buffer }, 'POST', undefined, 'a'],
    ['a blob', { body: new Blob(['a'], { type: 'text/x' }) }, 'POST', 'text/x', 'a'],
  ])('sends %s', async (_, init, method, type, body) => {
    await using server = await serve(respond(200));
    await using fetcher = createFetcher();
    expect(await fetcher.fetch(server.url, { ...init, id: '7' })).toMatchObject({ ok: true, id: '7', method });
    const [seen] = server.requests;
    expect([seen!.method, seen!.body.toString()]).toEqual([method, body]);
    if (type instanceof RegExp) expect(seen!.headers['content-type']).toMatch(type);
    else expect(seen!.headers['content-type']).toBe(type);
  });

  test('sends form data with its boundary', async () => {
    await using server = await serve(respond(200));
    await using fetcher = createFetcher();
    const form = new FormData();
    form.set('name', 'value');
    form.set('file', new Blob(['content']), 'a.txt');
    await fetcher.fetch(server.url, { body: form });
    const { headers, body } = server.requests[0]!;
    const sent = await new Response(body, { headers: { 'content-type': headers['content-type']! } }).formData();
    expect(sent.get('name')).toBe('value');
    expect(await (sent.get('file') as File).text()).toBe('content');
  });

  test('merges with a request object: its own headers stay, except for those of the init', async () => {
    await using server = await serve(respond(200));
    await using fetcher = createFetcher();
    const request = { url: server.url, method: 'PATCH', headers: { a: '1', B: '2' }, id: 'x' };
    expect(await fetcher.fetch(request, { headers: new Headers({ b: '3' }), json: 1 })).toMatchObject({ id: 'x' });
    expect(server.requests[0]).toMatchObject({ method: 'PATCH', headers: { a: '1', b: '3' } });
  });

  test.each<[what: string, input: object | string, init: object, message: RegExp]>([
    ['an unknown field', 'http://a/', { timeout: 1 }, /no field 'timeout'.*method, headers, body/],
    ['an unknown field of a request', { url: 'http://a/', Method: 'POST' }, {}, /no field 'Method'.*url, method/],
    ['two bodies', 'http://a/', { body: 'x', json: 1 }, /'body' and 'json'/],
    ['an object as the body', 'http://a/', { body: { a: 1 } }, /use 'json'/],
    ['a function as JSON', 'http://a/', { json: () => 1 }, /'json' has no JSON form/],
  ])('rejects %s with a TypeError', async (_, input, init, message) => {
    await using fetcher = createFetcher();
    const fetching = fetcher.fetch(input as RequestInput, init);
    await expect(fetching).rejects.toThrow(TypeError);
    await expect(fetching).rejects.toThrow(message);
  });

  test('an unknown field of a request in a list is a failure that names it', async () => {
    await using fetcher = createFetcher();
    const [result] = await fetcher.gather([{ url: 'http://a/', timeout: 1 } as RequestInput], {
      returnExceptions: true,
    });
    expect(result).toMatchObject({
      kind: 'failure',
      error: { code: 'REQUEST_INVALID', message: expect.stringContaining('timeout') },
    });
  });
});

describe('download()', () => {
  const bytes = randomBytes(3_000_000);

  test('saves an ok body under its name, and replaces the file that was there', async () => {
    await using server = await serve(respond(200, {}, bytes));
    await using fetcher = createFetcher();
    const folder = path();
    mkdirSync(folder);
    const target = join(folder, 'f');
    writeFileSync(target, 'old');
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    expect(await fetcher.download(server.url, target)).toMatchObject({
      ok: true,
      file: target,
      sha256,
      length: 3_000_000,
    });
    expect(readFileSync(target).equals(bytes)).toBe(true);
    expect(readdirSync(folder)).toEqual(['f']);
  });

  test.each([
    ['a status that is not ok', respond(404, {}, 'no'), { kind: 'response', status: 404 }],
    [
      'a body that is cut',
      (response: Parameters<ReturnType<typeof respond>>[0]) => {
        response.writeHead(200, { 'content-length': bytes.length });
        response.write(bytes.subarray(0, 200_000), () => response.destroy());
      },
      { kind: 'failure', error: { code: 'BODY_TRUNCATED' } },
    ],
  ])('leaves nothing of %s, and the old file as it is', async (_, reply, expected) => {
    await using server = await serve(reply);
    await using fetcher = createFetcher({ retry: { retries: 0 } });
    const folder = path();
    mkdirSync(folder);
    writeFileSync(join(folder, 'f'), 'old');
    expect(await fetcher.download(server.url, join(folder, 'f'))).toMatchObject(expected);
    // The part goes once its last write has ended.
    await expect.poll(() => readdirSync(folder)).toEqual(['f']);
    expect(readFileSync(join(folder, 'f'), 'utf8')).toBe('old');
  });

  test('fails with FILE_IO where there is no folder, and rejects a wrong path', async () => {
    await using server = await serve(respond(200, {}, bytes));
    await using fetcher = createFetcher();
    expect(await fetcher.download(server.url, join(path(), 'f'))).toMatchObject({ error: { code: 'FILE_IO' } });
    await expect(fetcher.download(server.url, '')).rejects.toThrow(TypeError);
  });
});

describe('writeTo()', () => {
  const bytes = randomBytes(500_000);

  test('writes bodies to streams of Node and of the web, and ends them', async () => {
    await using server = await serve(respond(200, {}, bytes));
    const node = new PassThrough();
    const web = new TransformStream<Uint8Array, Uint8Array>();
    const streams: BodyStream[] = [node, web.writable];
    await using fetcher = createFetcher({ responseBody: writeTo(() => streams.shift()) });
    const read = [buffer(node), new Response(web.readable).arrayBuffer()];
    expect(await fetcher.gather([server.url, server.url, server.url])).toMatchObject([
      { ok: true },
      { ok: true },
      { ok: true },
    ]);
    for (const body of await Promise.all(read)) expect(Buffer.from(body as ArrayBuffer).equals(bytes)).toBe(true);
  });

  test('destroys the stream of a body that is cut or cancelled', async () => {
    await using server = await serve([cut, silenceAfter('start')]);
    const errors: unknown[] = [];
    const open = (): Writable =>
      new Writable({
        write: (_chunk, _encoding, done) => done(),
        destroy(error, done) {
          errors.push(error);
          done(error);
        },
      });
    await using fetcher = createFetcher({ responseBody: writeTo(open) });
    const result = await fetcher.fetch(server.url, { signal: AbortSignal.timeout(1000) });
    expect(result.kind).toBe('cancelled');
    expect(errors[0]).toMatchObject({ code: 'BODY_TRUNCATED' });
    expect(errors[1]).toMatchObject({ name: 'TimeoutError' });
  });

  test('a stream that fails makes its request fail', async () => {
    await using server = await serve(respond(200, {}, bytes));
    const broken = new Writable({ write: (_chunk, _encoding, done) => done(new Error('broken')) });
    await using fetcher = createFetcher({ responseBody: writeTo(() => broken) });
    expect(await fetcher.fetch(server.url)).toMatchObject({ kind: 'failure', error: { code: 'FILE_IO' } });
  });
});

const cut: typeof silence = (response) => {
  response.writeHead(200, { 'content-length': 100 });
  response.write('start', () => response.destroy());
  return undefined;
};

function silenceAfter(start: string): typeof silence {
  return (response) => {
    response.write(start);
    return undefined;
  };
}
