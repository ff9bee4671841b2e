import { FetchError } from '../error.ts';
import type { Flight } from '../flight.ts';
import { follow, isRedirect } from '../redirection.ts';
import type { FetchRequest } from '../request.ts';
import { failed, type Outcome, type Policy, type ResponseOutcome } from '../send.ts';

/** Follows redirects, hop by hop, within one attempt. A hop to another origin takes a slot there. */
export const redirect =
  (maxRedirects: number): Policy =>
  (send) =>
  async (request, flight) => {
    let outcome = await send(request, flight);
    if (!leadsOn(outcome)) return outcome;
    const met = new Set([nameOf(request)]);
    let hop = request;
    for (let redirects = 0; leadsOn(outcome); redirects += 1) {
      const next = redirects < maxRedirects ? follow(hop, outcome.status, outcome.locations) : tooMany(maxRedirects);
      const fault = next instanceof FetchError ? next : await prepare(next, met, flight);
      if (fault) return { ...failed(fault, outcome.finalUrl), redirects };
      hop = next as FetchRequest;
      outcome = await send(hop, flight);
      outcome.redirects = redirects + 1;
    }
    return outcome;
  };

function leadsOn(outcome: Outcome): outcome is ResponseOutcome {
  return outcome.kind === 'response' && isRedirect(outcome.status, outcome.locations);
}

function tooMany(maxRedirects: number): FetchError {
  return new FetchError('REDIRECT_LIMIT', `More than ${maxRedirects} redirects`);
}

/** Makes sure that a hop leads somewhere new, and that its host has room for it. */
async function prepare(hop: FetchRequest, met: Set<string>, flight: Flight): Promise<FetchError | undefined> {
  const name = nameOf(hop);
  if (met.has(name)) return new FetchError('REDIRECT_LOOP', 'Redirects lead back to a URL that was met before');
  met.add(name);
  if (hop.host === flight.host) return undefined;
  try {
    await flight.slots.move(flight, hop.host);
    return undefined;
  } catch (reason) {
    const fault = flight.failureBy(reason);
    if (fault) return fault;
    throw reason;
  }
}

function nameOf({ method, host, path }: FetchRequest): string {
  return `${method} ${host}${path}`;
}
