import { FetchError } from '../../../http/error.ts';
import type { Proxy } from '../../../http/proxy.ts';

/** Returns the value of `Proxy-Authorization` for a proxy with credentials. */
export function proxyAuthorization({ credentials }: Proxy): string | undefined {
  if (credentials === undefined) return undefined;
  return `Basic ${Buffer.from(`${credentials.username}:${credentials.password}`).toString('base64')}`;
}

/** Makes the error of a proxy that wants other credentials, or any. */
export function proxyWantsCredentials({ name, credentials }: Proxy): FetchError {
  const what = credentials ? 'rejected the user name and password' : 'requires a user name and password';
  return new FetchError('PROXY_AUTH', `The proxy ${name} ${what}`);
}
