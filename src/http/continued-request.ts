import type { FlatHeaders } from './headers.ts';
import { parseAnyRequest, plainRequest, type FetchRequest, type InvalidRequest, type RequestInput } from './request.ts';
import type { Trail } from './trail.ts';

/** A request that another process has begun, and that goes on from its last redirect. */
export class ContinuedRequest {
  readonly #input: RequestInput;
  readonly #trail: Trail;

  constructor(input: RequestInput, trail: Trail) {
    this.#input = input;
    this.#trail = trail;
  }

  /** Parses the input, as {@link parseAnyRequest} does. */
  parse(defaultHeaders: FlatHeaders): FetchRequest | InvalidRequest {
    const request = parseAnyRequest(this.#input, defaultHeaders);
    if ('error' in request) return request;
    // The request's own limits hold for its later hops too.
    const hop = { ...this.#trail.hop, limits: request.limits };
    return { ...plainRequest(request), trail: { ...this.#trail, hop } };
  }
}
