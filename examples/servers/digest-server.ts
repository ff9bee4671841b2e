import { createHash, randomBytes } from 'node:crypto';
import { listen, type ExampleServer } from './listen.ts';

/** The algorithms of RFC 7616 that servers use, by their names. */
const hashes = new Map([
  ['MD5', 'md5'],
  ['SHA-256', 'sha256'],
]);

/** Hashes texts with a colon between them. */
export function digestOf(algorithm: string, ...texts: readonly string[]): string {
  const name = hashes.get(algorithm.toUpperCase());
  if (name === undefined) throw new Error(`no such digest algorithm: ${algorithm}`);
  return createHash(name).update(texts.join(':')).digest('hex');
}

/** Reads the parameters of a challenge or of credentials. */
export function parametersOf(header: string): Readonly<Record<string, string>> {
  const pairs = header.matchAll(/(\w+)=(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))/g);
  return Object.fromEntries(
    Array.from(pairs, ([, name = '', quoted, plain]) => [name.toLowerCase(), quoted ?? plain ?? '']),
  );
}

/** Answers 200 to a user who proves to know the password, and challenges everybody else. */
export function startDigestServer(user: string, password: string): Promise<ExampleServer> {
  const realm = 'example';
  const nonces = new Set<string>();
  return listen((request, response) => {
    const given = parametersOf(request.headers.authorization ?? '');
    const { nonce = '', nc = '', cnonce = '', uri = '' } = given;
    const secret = digestOf('SHA-256', user, realm, password);
    const wanted = digestOf('SHA-256', secret, nonce, nc, cnonce, 'auth', digestOf('SHA-256', request.method!, uri));
    if (nonces.has(nonce) && uri === request.url && given['response'] === wanted) return response.end('secret');
    const fresh = randomBytes(16).toString('hex');
    nonces.add(fresh);
    const challenge = `Digest realm="${realm}", qop="auth", algorithm=SHA-256, nonce="${fresh}"`;
    return response.writeHead(401, { 'www-authenticate': challenge }).end();
  });
}
