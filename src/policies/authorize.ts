import type { Call } from '../call/call.ts';
import { afterOwnStep } from '../call/own-step.ts';
import type { Policy } from '../call/send.ts';
import { loginOf, type Netrc } from '../http/netrc.ts';
import { parseHeaders } from '../http/headers.ts';
import { basicValue, type FetchRequest } from '../http/request.ts';
import { hasHeader, withHeader } from '../http/with-headers.ts';

/** Who asks, and whom it may be told to. */
export interface Identity {
  /** The `Authorization` value, or a function that returns the present one. */
  readonly authorization: string | (() => string | Promise<string>) | undefined;
  /** The `Cookie` value. */
  readonly cookie: string | undefined;
  /** The origins that get these two; undefined for the origin of the first request. */
  readonly origins: readonly string[] | undefined;
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
    if (hasHeader(known.headers, 'authorization')) return send(known, call, done);
    const value = (isMeant ? identity.authorization : undefined) ?? fromNetrc(identity.netrc, request, call);
    if (value === undefined) return send(known, call, done);
    if (typeof value === 'string') return send(withHeader(known, 'authorization', value), call, done);
    const own = { name: `The function 'auth.bearer'`, ask: () => checked(value) };
    afterOwnStep(own, call, done, (text) => send(withHeader(known, 'authorization', text), call, done));
  };
};

/** The origins that the credentials are for. */
class Scope {
  #origins: ReadonlySet<string> | undefined;
  #onOther: ((origin: string) => void) | undefined;

  constructor({ origins, onOtherOrigin }: Identity) {
    this.#origins = origins && new Set(origins);
    this.#onOther = onOtherOrigin;
  }

  includes(origin: string, call: Call): boolean {
    this.#origins ??= new Set([call.request.origin]);
    if (this.#origins.has(origin)) return true;
    // A redirect elsewhere is nothing that the caller asked for.
    if (origin === call.request.origin) {
      const onOther = this.#onOther;
      this.#onOther = undefined;
      onOther?.(origin);
    }
    return false;
  }
}

async function checked(value: () => string | Promise<string>): Promise<string> {
  const text = await value();
  return parseHeaders([['authorization', text]])[1]!;
}

/**
 * Looks up the host of this hop. A redirect to another origin gets no `default`, and none that was protected by TLS before.
 */
function fromNetrc(netrc: Netrc | undefined, { origin }: FetchRequest, call: Call): string | undefined {
  if (netrc === undefined) return undefined;
  const { origin: first } = call.request;
  if (first.startsWith('https:') && origin.startsWith('http:')) return undefined;
  const login = loginOf(netrc, new URL(origin).hostname, origin === first);
  return login && basicValue(login.user, login.password);
}
