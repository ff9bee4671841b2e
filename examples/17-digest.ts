// Digest authentication (RFC 7616): answers the challenge of a 401, and uses the same challenge for the requests that follow.
import { randomBytes } from 'node:crypto';
import { createFetcher, type Around } from '../src/index.ts';
import { digestOf, parametersOf, startDigestServer } from './servers/digest-server.ts';

/** A challenge, and how often it was used. */
interface Challenge {
  readonly realm: string;
  readonly nonce: string;
  readonly algorithm: string;
  uses: number;
}

/** Answers challenges of one origin only: a redirect may lead to another, which could try passwords on the answer. */
function digest(user: string, password: string, ownOrigin: string): Around {
  let challenge: Challenge | undefined;

  function credentials(known: Challenge, method: string, uri: string): string {
    const { realm, nonce, algorithm } = known;
    known.uses += 1;
    const nc = known.uses.toString(16).padStart(8, '0');
    const cnonce = randomBytes(8).toString('hex');
    const secret = digestOf(algorithm, user, realm, password);
    const response = digestOf(algorithm, secret, nonce, nc, cnonce, 'auth', digestOf(algorithm, method, uri));
    const quoted = Object.entries({ username: user, realm, nonce, uri, cnonce, response });
    return `Digest ${quoted.map(([name, value]) => `${name}="${value}"`).join(', ')}, nc=${nc}, qop=auth, algorithm=${algorithm}`;
  }

  return async (request, next) => {
    const { origin, pathname, search } = new URL(request.url);
    if (origin !== ownOrigin) return next(request);
    const send = (): ReturnType<typeof next> =>
      challenge === undefined
        ? next(request)
        : next({
            ...request,
            headers: { ...request.headers, authorization: credentials(challenge, request.method, pathname + search) },
          });
    const result = await send();
    const header = result.kind === 'response' && result.status === 401 ? result.headers['www-authenticate'] : undefined;
    if (typeof header !== 'string' || !/^digest /i.test(header)) return result;
    const { realm = '', nonce = '', algorithm = 'MD5' } = parametersOf(header);
    challenge = { realm, nonce, algorithm, uses: 0 };
    return send();
  };
}

const server = await startDigestServer('me', 'secret');
const urls = [1, 2, 3].map((page) => `${server.url}/pages/${page}?full`);
try {
  for (const password of ['secret', 'wrong']) {
    let messages = 0;
    const counting: Around = (request, next) => {
      messages += 1;
      return next(request);
    };
    const fetcher = createFetcher({ aroundSend: [digest('me', password, server.url), counting] });
    const statuses: unknown[] = [];
    for await (const result of fetcher.sequential(urls)) statuses.push(result.kind === 'response' && result.status);
    await fetcher.close();
    console.log(`password ${password}: ${statuses.join(' ')} in ${messages} messages`);
  }
} finally {
  server.close();
}
