import { expect, test } from 'vitest';
import type { FetchRequest } from '../../../src/http/request.ts';
import { requestHead } from '../../../src/transports/http1/request-head.ts';

const base: FetchRequest = {
  url: 'http://a.test/',
  method: 'GET',
  origin: 'http://a.test',
  path: '/?q=1',
  headers: ['accept', '*/*', 'x', 'ä'],
  body: undefined,
  id: undefined,
};

const fixed = 'host: a.test:81\r\nconnection: keep-alive\r\naccept: */*\r\nx: ä\r\n';

test.each<[string, Uint8Array | undefined, string]>([
  ['GET', undefined, ''],
  ['HEAD', undefined, ''],
  ['DELETE', undefined, ''],
  ['POST', undefined, 'content-length: 0\r\n'],
  ['PUT', new Uint8Array(0), 'content-length: 0\r\n'],
  ['POST', new Uint8Array(3), 'content-length: 3\r\n'],
  ['GET', new Uint8Array(3), 'content-length: 3\r\n'],
])('requestHead() of %s with %j', (method, body, framing) => {
  expect(requestHead({ ...base, method, body }, 'a.test:81')).toBe(
    `${method} /?q=1 HTTP/1.1\r\n${fixed}${framing}\r\n`,
  );
});
