import { FetchError } from '../../src/http/error.ts';
import { mockTransport, type MockReply } from '../../src/index.ts';
import type { ManualClock } from './manual-clock.ts';

/** Decides about one request: a reply, or the error of a host that does not answer. */
export type Rule = (arrival: {
  readonly url: string;
  /** Milliseconds since the server started. */
  readonly at: number;
}) => MockReply | FetchError;

/** One request that a {@link ModelServer} got. */
export interface Arrival {
  readonly url: string;
  /** Milliseconds since the server started. */
  readonly at: number;
  readonly status: number;
}

/** A server in virtual time: it answers each request after `delayMs`, by a rule. */
export class ModelServer {
  readonly arrivals: Arrival[] = [];
  readonly transport: ReturnType<typeof mockTransport>;
  inFlight = 0;
  maxInFlight = 0;

  constructor(clock: ManualClock, rule: Rule, delayMs: (url: string) => number = () => 20) {
    const startedAt = clock.now();
    this.transport = mockTransport(({ url }, signal) => {
      const at = clock.now() - startedAt;
      const reply = rule({ url, at });
      const status = reply instanceof FetchError ? 0 : (reply.status ?? 200);
      this.arrivals.push({ url, at, status });
      this.inFlight += 1;
      this.maxInFlight = Math.max(this.maxInFlight, this.inFlight);
      const { promise, resolve } = Promise.withResolvers<MockReply | FetchError>();
      const finish = (): void => {
        this.inFlight -= 1;
        resolve(reply);
      };
      const clearTimer = clock.setTimer(finish, delayMs(url));
      signal.addEventListener('abort', () => {
        clearTimer();
        finish();
      });
      return promise;
    });
  }

  /** Requests that got a status. */
  count(status: number): number {
    return this.arrivals.filter((arrival) => arrival.status === status).length;
  }
}

/** Allows `limit` requests in each window of `windowMs`. Refused requests do not count. */
export function fixedWindow(limit: number, windowMs: number, refusal: MockReply = { status: 429 }): Rule {
  let [windowAt, used] = [0, 0];
  return ({ at }) => {
    const now = Math.floor(at / windowMs);
    if (now !== windowAt) [windowAt, used] = [now, 0];
    if (used >= limit) return refusal;
    used += 1;
    return {};
  };
}

/** Allows `limit` requests in any stretch of `windowMs`. */
export function slidingWindow(limit: number, windowMs: number, countsRefused = false): Rule {
  let times: number[] = [];
  return ({ at }) => {
    times = times.filter((time) => time > at - windowMs);
    const isAllowed = times.length < limit;
    if (isAllowed || countsRefused) times.push(at);
    return isAllowed ? {} : { status: 429 };
  };
}

/** Allows `perSecond` requests in the long run, and `burst` at once. */
export function tokenBucket(perSecond: (at: number) => number, burst: number, status = 429): Rule {
  let [tokens, last] = [burst, 0];
  return ({ at }) => {
    tokens = Math.min(burst, tokens + ((at - last) * perSecond(at)) / 1000);
    last = at;
    if (tokens < 1) return { status };
    tokens -= 1;
    return {};
  };
}
