import { FetchError, type FetchErrorCode } from '../../src/index.ts';

const codes = new Map<unknown, FetchErrorCode>([
  ['ENOTFOUND', 'DNS_NOT_FOUND'],
  ['EAI_AGAIN', 'DNS_TEMPORARY'],
  ['ECONNREFUSED', 'CONNECT_REFUSED'],
  ['ECONNRESET', 'CONN_RESET'],
  ['UND_ERR_SOCKET', 'NO_RESPONSE'],
  ['UND_ERR_CONNECT_TIMEOUT', 'CONNECT_TIMEOUT'],
]);

/**
 * Translates an error of Node or undici, so that the fetcher knows whether to retry. Unknown errors stay as they are.
 */
export function toFetchError(error: unknown): unknown {
  const code = codes.get(codeOf(error) ?? codeOf((error as Error).cause));
  return code === undefined ? error : new FetchError(code, (error as Error).message, { cause: error });
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
