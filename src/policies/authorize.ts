import type { Call } from '../call/call.ts';
import { afterOwnStep } from '../call/own-step.ts';
import type { Policy } from '../call/send.ts';
import { loginOf, type Netrc } from '../http/netrc.ts';
import { parseHeaders } from '../http/headers.ts';
import { basicValue, plainRequest, type FetchRequest } from '../http/request.ts';
import { hasHeader, withHeader } from '../http/with-headers.ts';

type Origins = readonly string[] | undefined;

/** Credentials, and the origins that may receive them. */
export interface Identity {
  /** The `Authorization` value, or a function that returns the present one. */
  readonly authorization: string | (() => string | Promise<string>) | undefined;
  /** The `Cookie` value. */
  readonly cookie: string | undefined;
  /** The origins that get these two; undefined for the origin of the first request. */
  readonly origins: Origins | (() => Origins);
  /** Told once about the first origin that a request goes to and that gets none of them. */
  readonly onOtherOrigin: ((origin: string) => void) | undefined;
  readonly netrc: Netrc | undefined;
}

/**
 * Adds `Authorization` and `Cookie` to each hop whose origin they are for. A list may have many hosts, and a redirect may
 * lead anywhere: nobody else gets them. A field of the request itself stays as it is.
 */
export const authorize = (identity: Identity): Policy => {
  const scope = new Scope(identity);
  return (send) => (request, call, done) => {
    const isMeant = scope.includes(request.origin, call);
    const known = isMeant && identity.cookie !== undefined ? withHeader(request, 'cookie', identity.cookie) : request;
    if (hasHeader(known.headers, 'authorization'))
      return send(identity.netrc === undefined ? known : withPassword(known, identity.netrc, call), call, done);
    const value = (isMeant ? identity.authorization : undefined) ?? fromNetrc(identity.netrc, request, call);
    if (value === undefined) return send(known, call, done);
    if (typeof value === 'string') return send(withHeader(known, 'authorization', value), call, done);
    const own = { name: `The function 'auth.bearer'`, ask: () => checked(value) };
    afterOwnStep(own, call, done, (text) => send(withHeader(known, 'authorization', text), call, done));
  };
};

/** The origins that the credentials are for. */
class Scope {
  readonly #given: Identity['origins'];
  #origins: ReadonlySet<string> | undefined;
  #onOther: ((origin: string) => void) | undefined;

  constructor({ origins, onOtherOrigin }: Identity) {
    this.#given = origins;
    this.#onOther = onOtherOrigin;
  }

  includes(origin: string, call: Call): boolean {
    this.#origins ??= new Set(this.#named() ?? [call.request.origin]);
    if (this.#origins.has(origin)) return true;
    // A redirect elsewhere is nothing that the caller asked for.
    if (origin === call.request.origin) {
      const onOther = this.#onOther;
      this.#onOther = undefined;
      onOther?.(origin);
    }
    return false;
  }

  #named(): Origins {
    return typeof this.#given === 'function' ? this.#given() : this.#given;
  }
}

async function checked(value: () => string | Promise<string>): Promise<string> {
  const text = await value();
  return parseHeaders([['authorization', text]])[1]!;
}

/**
 * Looks up the host of this hop. A redirect to another origin gets no `default`, and none that was protected by TLS before.
 */
function fromNetrc(netrc: Netrc | undefined, { origin, user }: FetchRequest, call: Call): string | undefined {
  if (netrc === undefined) return undefined;
  const { origin: first } = call.request;
  if (first.startsWith('https:') && origin.startsWith('http:')) return undefined;
  const login = loginOf(netrc, { host: new URL(origin).hostname, mayBeDefault: origin === first, user });
  return login && basicValue(login.user, login.password);
}

/** Looks up the password of a user that the URL names without one, unless another field took the place of that. */
function withPassword(request: FetchRequest, netrc: Netrc, call: Call): FetchRequest {
  const { user, headers } = request;
  const alone = user === undefined ? undefined : basicValue(user, '');
  const at = headers.findIndex((text, place) => place % 2 === 1 && text === alone);
  const value =
    at < 0 || headers[at - 1]!.toLowerCase() !== 'authorization' ? undefined : fromNetrc(netrc, request, call);
  return value === undefined ? request : { ...plainRequest(request), headers: headers.with(at, value) };
}
