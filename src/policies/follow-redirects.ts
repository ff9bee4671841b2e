import type { Call } from '../call/call.ts';
import { Elsewhere } from '../call/guard.ts';
import { cancelled, failed, type Outcome, type ResponseOutcome } from '../call/outcome.ts';
import { onOutcome, sendAsync, type Policy, type Send } from '../call/send.ts';
import { FetchError } from '../http/error.ts';
import { follow, isRedirect } from '../http/redirect.ts';
import type { FetchRequest } from '../http/request.ts';
import type { RobotsFiles } from '../scheduling/robots-files.ts';

/**
 * Follows redirects, hop by hop, within one attempt. A hop to another origin takes a slot there. A hop to an origin that
 * belongs to another process cancels the call with {@link Elsewhere}, and the request goes on there. A hop that the
 * robots.txt of its origin denies is not sent.
 */
export const followRedirects = (maxRedirects: number, robots?: RobotsFiles): Policy => {
  const following = onOutcome((outcome, request, call, send) => {
    if (leadsOn(outcome)) return followAll(outcome, { send, request, call, maxRedirects, robots });
    if (request.trail !== undefined && outcome.kind !== 'cancelled') outcome.redirects = request.trail.redirects;
    return outcome;
  });
  return (send) => following((request, call, done) => send(request.trail?.hop ?? request, call, done));
};

interface Chain {
  readonly send: Send;
  readonly request: FetchRequest;
  readonly call: Call;
  readonly maxRedirects: number;
  readonly robots: RobotsFiles | undefined;
}

async function followAll(first: Outcome, chain: Chain): Promise<Outcome> {
  const { send, request, call, maxRedirects } = chain;
  const { trail } = request;
  let hop = trail?.hop ?? request;
  const visited = new Set(trail?.visited ?? [nameOf(hop)]);
  let outcome = first;
  for (let redirects = trail?.redirects ?? 0; leadsOn(outcome); redirects += 1) {
    const { status, locations, finalUrl } = outcome;
    const next = redirects < maxRedirects ? follow(hop, status, locations) : tooMany(maxRedirects);
    if (next instanceof FetchError) return { ...failed(next, finalUrl), redirects };
    const stopped = await prepare({ hop: next, redirects: redirects + 1 }, visited, chain, finalUrl);
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
  { hop, redirects }: { readonly hop: FetchRequest; readonly redirects: number },
  visited: Set<string>,
  { call, robots }: Chain,
  from: string,
): Promise<Outcome | undefined> {
  const name = nameOf(hop);
  if (visited.has(name)) {
    return failed(new FetchError('REDIRECT_LOOP', 'Redirect loop: the redirects lead back to an earlier URL'), from);
  }
  visited.add(name);
  const { guard } = call.queue;
  if (guard !== undefined && !(guard.isOpen() && guard.owns(hop.origin))) {
    call.cancel(new Elsewhere({ hop, redirects, visited: [...visited] }));
    return cancelled;
  }
  if (hop.origin === call.origin && mayStay(hop, call, robots)) {
    call.target = hop;
    const denial = robots?.denial(hop.origin, hop.path);
    return denial && failed(denial, from);
  }
  try {
    await call.queue.move(call, hop);
    return undefined;
  } catch (reason) {
    return call.outcomeOfStop(reason, from);
  }
}

/** Tells whether a hop needs no slot of its own. One does, even at the same origin, whose robots.txt is no longer known. */
function mayStay({ origin }: FetchRequest, { queue }: Call, robots: RobotsFiles | undefined): boolean {
  return robots === undefined || robots.isKnown(origin, queue.clock.now());
}

function nameOf({ method, origin, path }: FetchRequest): string {
  return `${method} ${origin}${path}`;
}
