import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { createFetcher, type FetchResult } from '../../src/index.ts';
import { loopbackCertificate } from '../helpers/servers/certificate.ts';
import { failureOf, responseOf } from '../helpers/kinds.ts';
import { rawServer, sendThenClose, sendThenReset } from '../helpers/servers/raw-server.ts';
import { expectHonest } from './invariants.ts';
import { chunked, okay, targetOf, to, unframed } from './replies.ts';

/** Complete replies with framing. Truncated at any byte, none may pass for a complete one. */
const framed: Readonly<Record<string, Buffer>> = {
  'of known length': okay(['X-Some: thing', 'Connection: keep-alive'], 'the whole body'),
  'of known length, the last one': okay(['Connection: close'], 'the whole body'),
  'in chunks': Buffer.from(`${chunked}4\r\nthe \r\n5;x=y\r\nwhole\r\n5\r\n body\r\n0\r\nX-Sum: 1\r\n\r\n`),
  'in chunks, the last one': Buffer.from(
    `${chunked.replace('\r\n', '\r\nConnection: close\r\n')}3\r\nall\r\n0\r\n\r\n`,
  ),
  'in gzip': okay(['Content-Encoding: gzip'], gzipSync('the whole body')),
  'after an interim response': Buffer.concat([
    Buffer.from('HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n'),
    okay([], 'the whole body'),
  ]),
  'of HTTP/1.0': Buffer.from('HTTP/1.0 404 Not Found\r\nContent-Length: 4\r\n\r\nnone'),
};

test.concurrent.for(Object.entries(framed))('a reply %s that is truncated anywhere is a failure', async ([, reply]) => {
  const headEnd = reply.lastIndexOf('HTTP/1.') + reply.subarray(reply.lastIndexOf('HTTP/1.')).indexOf('\r\n\r\n') + 4;
  await using server = await rawServer((socket, request) => {
    const [, end, at] = targetOf(request).split('/');
    const bytes = reply.toString('latin1', 0, Number(at));
    return (end === 'reset' ? sendThenReset(bytes) : sendThenClose(bytes))(socket, request);
  });
  const places = Array.from({ length: reply.length }, (_, at) => at);
  for (const end of ['close', 'reset']) {
    for (const at of places) {
      const result = await fetchAlone(`${server.url}/${end}/${at}`);
      const where = `${end} after ${at} of ${reply.length} bytes`;
      expectHonest(result);
      const { code } = failureOf(result).error;
      if (at >= headEnd) expect(code, where).toBe('BODY_TRUNCATED');
      else expect(code, where).toBe(end === 'reset' ? 'CONN_RESET' : 'NO_RESPONSE');
    }
  }
});

/** Each request has a fetcher of its own: one that sees a host fail again and again would hold it. */
async function fetchAlone(url: string): Promise<FetchResult> {
  await using fetcher = createFetcher({ retry: { retries: 0 }, timeoutMs: 5000 });
  return await fetcher.fetch(url);
}

test('a reply without framing that is truncated anywhere is unverified, and a failure if it was reset', async () => {
  const reply = `${unframed}the whole body`;
  await using server = await rawServer((socket, request) => {
    const [, end, at] = targetOf(request).split('/');
    const bytes = reply.slice(0, unframed.length + Number(at));
    return (end === 'reset' ? sendThenReset(bytes) : sendThenClose(bytes))(socket, request);
  });
  await using fetcher = createFetcher({ retry: { retries: 0 } });
  for (let at = 0; at <= 14; at += 1) {
    const closed = responseOf(await fetcher.fetch(`${server.url}/close/${at}`));
    expect([closed.complete, closed.text()]).toEqual(['unverified', 'the whole body'.slice(0, at)]);
    const reset = failureOf(await fetcher.fetch(`${server.url}/reset/${at}`));
    expect([reset.error.code, reset.length]).toEqual(['BODY_TRUNCATED', at]);
  }
});

test('A17 an end without close_notify, which anybody on the path could forge, is unverified', async () => {
  const { cert, key } = await loopbackCertificate();
  await using server = await rawServer(sendThenReset(`${unframed}half`), { cert, key });
  // Forwards everything except the end, which is always an orderly TCP close.
  const cutter = createServer((client) => {
    const upstream = connect(server.port, '127.0.0.1').on('error', () => undefined);
    upstream.on('data', (bytes) => client.write(bytes)).on('close', () => client.end());
    client.on('data', (bytes) => upstream.write(bytes)).on('error', () => undefined);
  });
  await once(cutter.listen(0, '127.0.0.1'), 'listening');
  await using fetcher = createFetcher({ retry: { retries: 0 }, tls: { ca: cert } });
  const result = await fetcher.fetch(`https://127.0.0.1:${(cutter.address() as AddressInfo).port}/`);
  cutter.close();
  expect(result).toMatchObject({ kind: 'response', length: 4, complete: 'unverified' });
});

test('a redirect that is truncated anywhere in its head is not followed', async () => {
  const reply = to('/there').toString();
  await using server = await rawServer((socket, request) =>
    sendThenClose(reply.slice(0, Number(targetOf(request).slice(1))))(socket, request),
  );
  const results: FetchResult[] = [];
  for (let at = 0; at < reply.length; at += 1) results.push(await fetchAlone(`${server.url}/${at}`));
  expect(new Set(results.map((result) => failureOf(result).error.code))).toEqual(new Set(['NO_RESPONSE']));
  expect(server.requests).toHaveLength(reply.length);
});
