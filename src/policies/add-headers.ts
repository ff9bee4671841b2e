import { afterOwnStep } from '../call/own-step.ts';
import type { Policy } from '../call/send.ts';
import { parseHeaders, type FlatHeaders, type HeadersInput } from '../http/headers.ts';
import { plainRequest, type FetchRequest } from '../http/request.ts';
import { hasHeader } from '../http/with-headers.ts';

/** Returns the headers of an attempt. */
export type HeadersFunction = () => HeadersInput | Promise<HeadersInput>;

/** Headers that are asked for, and those of ours that they may replace. */
export interface AttemptHeaders {
  readonly current: HeadersFunction;
  readonly builtIn: FlatHeaders;
}

/**
 * Asks for the headers of each attempt when it is made, not when its request was read. Fields of the request itself win over
 * them, and they win over those that we add.
 */
export const addHeaders =
  ({ current, builtIn }: AttemptHeaders): Policy =>
  (send) =>
  (request, call, done) => {
    const own = { name: `The function 'headers'`, ask: async () => parseHeaders(await current()) };
    afterOwnStep(own, call, done, (headers) => send(completed(request, headers, builtIn), call, done));
  };

function completed(request: FetchRequest, ...more: readonly FlatHeaders[]): FetchRequest {
  const headers = [...request.headers];
  for (const flat of more) headers.push(...missing(flat, [...headers]));
  return { ...plainRequest(request), headers };
}

/** Returns the fields whose names are not taken. */
function missing(flat: FlatHeaders, taken: FlatHeaders): string[] {
  return flat.filter((_, at) => !hasHeader(taken, flat[at - (at % 2)]!.toLowerCase()));
}
