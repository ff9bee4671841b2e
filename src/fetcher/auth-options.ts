import { complaint } from '../check.ts';
import { parseHeaders } from '../http/headers.ts';
import { parseNetrc, type Netrc } from '../http/netrc.ts';
import { originOf } from '../http/origin.ts';
import { ownFunction } from '../http/own-function.ts';
import { basicValue } from '../http/request.ts';
import type { Identity } from '../policies/authorize.ts';

/**
 * Who asks. Where a request has an `Authorization` of its own, it stays; a URL with a user has one. None of it appears in
 * results or messages.
 */
export interface AuthOptions {
  /** Name for HTTP Basic; goes with `password`. */
  readonly user?: string;
  /** Password for HTTP Basic. */
  readonly password?: string;
  /**
   * Bearer token, or a function that returns the current one. It is asked for each message when it is sent, so that a token
   * may change during a run; a throw is `HOOK_FAILED`.
   */
  readonly bearer?: string | (() => string | Promise<string>);
  /** Cookies for the same origins, as `name=value; name=value`. */
  readonly cookie?: string;
  /**
   * Origins that get `user`, `bearer` and `cookie`, such as `https://api.example.com`. No other host does, and no redirect
   * to one. A function is asked once, when the first request is sent. Name them if a list is resumed: its first request may
   * go elsewhere then. @default the origin of the first request
   */
  readonly origins?: string | readonly string[] | (() => string | readonly string[] | undefined);
  /** Called once with the first origin that a request goes to and that gets none of them. */
  readonly onOtherOrigin?: (origin: string) => void;
  /**
   * Text of a netrc file: credentials by host, where `user` and `bearer` do not apply. Redirects are looked up by their own
   * host, and never get the entry `default`.
   */
  readonly netrc?: string;
}

const task = 'create fetcher';

/** Every field of {@link AuthOptions}. The type keeps the list complete. */
export const authFields: readonly string[] = Object.keys({
  user: true,
  password: true,
  bearer: true,
  cookie: true,
  origins: true,
  onOtherOrigin: true,
  netrc: true,
} satisfies Record<keyof AuthOptions, true>);

/** Checks the options. Throws a `TypeError` that names the wrong one and never shows its value. */
export function resolveAuth(auth: AuthOptions): Identity {
  const { cookie, origins, onOtherOrigin, netrc } = auth;
  if (cookie !== undefined) requireHeader('cookie', cookie);
  if (onOtherOrigin !== undefined && typeof onOtherOrigin !== 'function') {
    throw new TypeError(complaint(task, 'auth.onOtherOrigin', 'a function', onOtherOrigin));
  }
  return {
    authorization: authorization(auth),
    cookie,
    origins: typeof origins === 'function' ? originsOf(origins) : readOrigins(origins),
    onOtherOrigin: onOtherOrigin && ownFunction('auth.onOtherOrigin', onOtherOrigin),
    netrc: netrc === undefined ? undefined : readNetrc(netrc),
  };
}

function authorization({ user, password, bearer }: AuthOptions): Identity['authorization'] {
  if ((user === undefined) !== (password === undefined)) {
    throw new TypeError(`Cannot ${task} as 'auth.user' and 'auth.password' must be given together`);
  }
  if (bearer === undefined) return user === undefined ? undefined : basic(user, password);
  if (user !== undefined)
    throw new TypeError(`Cannot ${task} as there is both 'auth.user' and 'auth.bearer': give one`);
  if (typeof bearer === 'function') return async () => `Bearer ${await bearer()}`;
  const token = requireText('bearer', bearer);
  if (/^bearer\s/i.test(token))
    throw new TypeError(`Cannot ${task} as 'auth.bearer' must be the token without 'Bearer'`);
  return requireHeader('bearer', `Bearer ${token}`);
}

function basic(user: unknown, password: unknown): string {
  const name = requireText('user', user);
  if (name.includes(':')) throw new TypeError(`Cannot ${task} as 'auth.user' must not contain a colon`);
  return basicValue(name, requireText('password', password));
}

function requireText(name: string, value: unknown): string {
  if (typeof value === 'string') return value;
  throw new TypeError(`Cannot ${task} as 'auth.${name}' must be a string: current value is of type ${typeof value}`);
}

function requireHeader(name: string, value: unknown): string {
  const text = requireText(name, value);
  try {
    return parseHeaders([[name, text]])[1]!;
  } catch (cause) {
    throw new TypeError(`Cannot ${task} as 'auth.${name}' must be printable latin-1 text`, { cause });
  }
}

function originsOf(origins: Extract<AuthOptions['origins'], () => unknown>): () => readonly string[] | undefined {
  const ask = ownFunction('auth.origins', origins);
  return ownFunction('auth.origins', () => readOrigins(ask()));
}

function readOrigins(origins: string | readonly string[] | undefined): readonly string[] | undefined {
  return origins === undefined ? undefined : [origins].flat().map(requireOrigin);
}

function requireOrigin(text: unknown): string {
  const origin = typeof text === 'string' ? originOf(text) : undefined;
  if (origin !== undefined) return origin;
  throw new TypeError(complaint(task, 'auth.origins', 'http: or https: origins', text));
}

function readNetrc(text: unknown): Netrc {
  try {
    return parseNetrc(requireText('netrc', text));
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
    throw new TypeError(`Cannot ${task} as 'auth.netrc' cannot be read: ${cause.message}`, { cause });
  }
}
