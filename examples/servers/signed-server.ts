import { createHash, createHmac } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { listen, type ExampleServer } from './listen.ts';

/** The text that is signed: what is asked for, when, and the hash of the body. */
export function textToSign(request: { method: string; path: string; date: string; body: Uint8Array }): string {
  const { method, path, date, body } = request;
  return [method, path, date, createHash('sha256').update(body).digest('hex')].join('\n');
}

export function sign(text: string, key: string): string {
  return createHmac('sha256', key).update(text).digest('base64');
}

/** Answers 200 to requests that are signed with the key, and 403 to all others. */
export function startSignedServer(key: string): Promise<ExampleServer> {
  return listen(async (request, response) => {
    const body = await buffer(request);
    const { method = '', url: path = '', headers } = request;
    const wanted = sign(textToSign({ method, path, date: String(headers['x-date']), body }), key);
    response.writeHead(headers['x-signature'] === wanted ? 200 : 403).end();
  });
}
