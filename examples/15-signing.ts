// Signs each message with its method, path, time and body. Innermost, so the signature covers exactly what is sent; each attempt
// and each redirect gets its own. (For AWS, let `aws4.sign()` make the headers.)
import { createFetcher, type Around } from '../src/index.ts';
import { sign, startSignedServer, textToSign } from './servers/signed-server.ts';

const key = 'shared secret';
const server = await startSignedServer(key);

const signing: Around = (request, next) => {
  const { origin, pathname, search } = new URL(request.url);
  // A redirect may lead to another origin, which has no use for the signature.
  if (origin !== server.url) return next(request);
  const date = new Date().toISOString();
  const { method, body = new Uint8Array() } = request;
  const signature = sign(textToSign({ method, path: pathname + search, date, body }), key);
  return next({ ...request, headers: { ...request.headers, 'x-date': date, 'x-signature': signature } });
};

const requests = [`${server.url}/a?b=c`, { url: `${server.url}/items`, method: 'POST', body: '{"id":7}' }];
const fetcher = createFetcher({ aroundSend: [signing] });
const unsigned = createFetcher();
try {
  for (const [name, each] of Object.entries({ signed: fetcher, unsigned })) {
    const results = await each.gather(requests);
    for (const result of results)
      console.log(`${name} ${result.method}: ${result.kind === 'response' ? result.status : result.error.code}`);
  }
} finally {
  await Promise.all([fetcher.close(), unsigned.close()]);
  server.close();
}
