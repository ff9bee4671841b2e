import type { Call } from '../call/call.ts';
import { failed, type Outcome, type ResponseOutcome } from '../call/outcome.ts';
import { onOutcome, sendAsync, type Policy, type Send } from '../call/send.ts';
import { FetchError } from '../http/error.ts';
import { follow, isRedirect } from '../http/redirect.ts';
import type { FetchRequest } from '../http/request.ts';

/** Follows redirects, hop by hop, within one attempt. A hop to another origin takes a slot there. */
export const followRedirects = (maxRedirects: number): Policy =>
  onOutcome((outcome, request, call, send) =>
    leadsOn(outcome) ? followAll(outcome, { send, request, call, maxRedirects }) : outcome,
  );

interface Chain {
  readonly send: Send;
  readonly request: FetchRequest;
  readonly call: Call;
  readonly maxRedirects: number;
}

async function followAll(first: Outcome, { send, request, call, maxRedirects }: Chain): Promise<Outcome> {
  const visited = new Set([nameOf(request)]);
  let hop = request;
  let outcome = first;
  for (let redirects = 0; leadsOn(outcome); redirects += 1) {
    const { status, locations, finalUrl } = outcome;
    const next = redirects < maxRedirects ? follow(hop, status, locations) : tooMany(maxRedirects);
    if (next instanceof FetchError) return { ...failed(next, finalUrl), redirects };
    const stopped = await prepare(next, visited, call, finalUrl);
    if (stopped) return stopped.kind === 'failure' ? { ...stopped, redirects } : stopped;
    hop = next;
    outcome = await sendAsync(send, hop, call);
    if (outcome.kind !== 'cancelled') outcome.redirects = redirects + 1;
  }
  return outcome;
}

function leadsOn(outcome: Outcome): outcome is ResponseOutcome {
  return outcome.kind === 'response' && isRedirect(outcome.status, outcome.locations);
}

function tooMany(maxRedirects: number): FetchError {
  return new FetchError('REDIRECT_LIMIT', `More than ${maxRedirects} redirects`);
}

/**
 * Checks that a hop leads to a new URL and takes a slot of its origin. Resolves with an outcome if the hop cannot be
 * made.
 */
async function prepare(
  hop: FetchRequest,
  visited: Set<string>,
  call: Call,
  from: string,
): Promise<Outcome | undefined> {
  const name = nameOf(hop);
  if (visited.has(name)) {
    return failed(new FetchError('REDIRECT_LOOP', 'Redirects lead back to a URL that was requested before'), from);
  }
  visited.add(name);
  if (hop.origin === call.origin) return undefined;
  try {
    await call.queue.move(call, hop.origin);
    return undefined;
  } catch (reason) {
    return call.outcomeOfStop(reason, from);
  }
}

function nameOf({ method, origin, path }: FetchRequest): string {
  return `${method} ${origin}${path}`;
}
