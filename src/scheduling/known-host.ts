import { FetchError, type FetchErrorCode } from '../http/error.ts';
import { Hold, type HoldState } from './hold.ts';
import { Overload, type OverloadState } from './overload.ts';
import { Pace, type PaceState } from './pace.ts';
import { Quota, type Demand, type QuotaState, type ToldQuota } from './quota.ts';
import { RetryBudget } from './retry-budget.ts';

/** One attempt that has ended, as far as it says something about its host. */
export interface AttemptEnd {
  /** Milliseconds on the monotonic clock. */
  readonly now: number;
  /** Milliseconds on the monotonic clock at which the attempt was sent. */
  readonly startedAt: number;
  /** True for the first attempt of its request. */
  readonly isFirst: boolean;
  /** True if a retry was spent on the request. */
  readonly isRetry: boolean;
  /** The status of the response; 0 without any. */
  readonly status: number;
  /** The error code of an attempt without a response. */
  readonly code?: FetchErrorCode | undefined;
  /** True if another attempt may succeed where this one got no response. */
  readonly isRetryable?: boolean;
  /** Milliseconds for which a 403, 429 or 503 asks us to stay away; 0 if it does not. */
  readonly orderedMs: number;
  readonly quota?: ToldQuota | undefined;
}

/**
 * The effect of an attempt on its host:
 *
 * - `refused`: the host asks for fewer requests; the pace decides when the next one is sent.
 * - `overloaded`: as `refused`, but by a 503, which a broken page may send as well.
 * - `held`: the host does not answer and is asked one request at a time.
 */
export type Verdict = 'refused' | 'overloaded' | 'held';

/** The part of what is known of a host that forbids a start. */
export type HostWaitReason = 'hold' | 'quota' | 'pace';

/** The settings that all hosts share. */
export interface HostSettings {
  /** True if the rate follows refusals and quotas. */
  readonly isPaced: boolean;
  /** True if the retries of a host have to earn themselves. */
  readonly hasRetryBudget: boolean;
  /** Longest wait in milliseconds that a server may order. */
  readonly maxWaitMs: number;
  /** Milliseconds for which a host that fails is asked again. */
  readonly hostPatienceMs: number;
}

/** A {@link KnownHost} as plain data. Times are in milliseconds from the moment at which it was saved. */
export interface KnownHostState {
  readonly pace: PaceState;
  readonly quota: QuotaState;
  readonly hold: HoldState;
  readonly overload: OverloadState;
  /** Retries that are left in the budget. */
  readonly retries: number;
  /** The status or code of the last failure. */
  readonly lastFailure: string;
}

/** Statuses of a server, or of a proxy before it, that cannot serve now. */
export const overloadStatuses: ReadonlySet<number> = new Set([502, 503, 504, 520, 521, 522, 523, 524]);
const brokenStatuses: ReadonlySet<number> = new Set([408, 425, 500]);

/** A reset that is further off is shown in words: some servers tell the largest number they have. */
const maxShownMs = 365 * 24 * 3_600_000;

/** Everything that is remembered of one host. */
export class KnownHost {
  readonly origin: string;
  readonly pace: Pace;
  readonly quota: Quota;
  readonly hold: Hold;
  readonly budget: RetryBudget = new RetryBudget();
  readonly #overload = new Overload();
  readonly #settings: HostSettings;
  /** The status or code of the last failure. */
  #lastFailure = '';
  #notSent = 0;

  /** `hasAnswered` tells whether the host has answered before. */
  constructor(origin: string, settings: HostSettings, hasAnswered: boolean) {
    this.origin = origin;
    this.pace = new Pace(settings.hostPatienceMs);
    this.quota = new Quota(settings.maxWaitMs);
    this.hold = new Hold(settings.hostPatienceMs, hasAnswered);
    this.#settings = settings;
  }

  /** Returns the time from which a start is allowed; `Infinity` if only the end of a request in flight can help. */
  openAt(demand: Demand): number {
    const { inFlight } = demand;
    return Math.max(this.hold.openAt(inFlight), this.pace.openAt(inFlight), this.quota.openAt(demand));
  }

  /** Returns what forbids a start at `now`; undefined if nothing does. */
  waitReason(demand: Demand): HostWaitReason | undefined {
    const { now, inFlight } = demand;
    if (this.hold.openAt(inFlight) > now) return 'hold';
    if (this.quota.openAt(demand) > now) return 'quota';
    return this.pace.openAt(inFlight) > now ? 'pace' : undefined;
  }

  /** Tells whether requests fail unsent at `now`. */
  rejects(now: number): boolean {
    return this.hold.rejects(now) || this.quota.rejects(now);
  }

  /** Requests that failed unsent, or not sent again. */
  get notSent(): number {
    return this.#notSent;
  }

  /** The status or the error code of the last failure; empty if there was none. */
  get lastFailure(): string {
    return this.#lastFailure;
  }

  /** Counts a request that fails unsent, or is not sent again. */
  countUnsent(): void {
    this.#notSent += 1;
  }

  /** Makes the error of a request that fails unsent at `now`. */
  rejection(now: number): FetchError {
    if (!this.hold.rejects(now)) {
      const resetMs = this.quota.resetAt - now;
      const span = resetMs > maxShownMs ? 'more than a year' : `another ${Math.ceil(resetMs / 1000)} s`;
      return new FetchError('RATE_LIMITED', `The rate limit of ${this.origin} does not reset for ${span}`);
    }
    const { tried, since } = this.hold;
    if (since === undefined) return this.#refusedAll(now);
    const seconds = Math.round((now - since) / 1000);
    // The host may be there all the same.
    const what = this.#lastFailure === 'PROXY_CONNECT' ? `The proxy of ${this.origin}` : this.origin;
    const message = `${what} is down: ${tried} requests failed in ${seconds} s (last: ${this.#lastFailure})`;
    return new FetchError('HOST_DOWN', message);
  }

  /** Makes the error of a request whose host answers, but only with refusals. */
  #refusedAll(now: number): FetchError {
    const seconds = Math.round((now - (this.pace.refusedSince ?? now)) / 1000);
    const message = `${this.origin} is given up: it has served nothing for ${seconds} s (last: ${this.#lastFailure})`;
    return new FetchError('HOST_DOWN', message);
  }

  /** Counts a start. */
  started(now: number): void {
    this.hold.started(now);
    this.pace.started(now);
    this.quota.started(now);
  }

  /** Learns from an attempt. */
  observe(end: AttemptEnd): Verdict | undefined {
    this.#heedQuota(end);
    if (end.status > 0) this.#overload.note(end.status === 503, end.isFirst);
    const verdict = this.#settings.isPaced && !this.#isOutage(end) ? this.#refusal(end) : undefined;
    if (verdict !== undefined) return this.#refuse(end, verdict);
    if (isSilence(end) || overloadStatuses.has(end.status)) return this.#fail(end);
    if (this.#isNews(end)) this.#answer(end);
    return undefined;
  }

  /** Returns what is known, for another process. */
  save(now: number): KnownHostState {
    return {
      pace: this.pace.save(now),
      quota: this.quota.save(now),
      hold: this.hold.save(now),
      overload: this.#overload.save(),
      retries: this.budget.save(),
      lastFailure: this.#lastFailure,
    };
  }

  /** Goes on with what another process has saved, at a time of the present clock. */
  restore(state: KnownHostState, savedAt: number): void {
    this.hold.restore(state.hold, savedAt);
    this.budget.restore(state.retries);
    this.#overload.restore(state.overload);
    this.#lastFailure = state.lastFailure;
    // The run may have been continued without a pace.
    if (!this.#settings.isPaced) return;
    this.pace.restore(state.pace, savedAt);
    this.quota.restore(state.quota, savedAt);
  }

  /** While a host is held, a 503 is one more failure; a 429 is an answer, and a refusal. */
  #isOutage({ status }: AttemptEnd): boolean {
    return this.hold.isHeld && status === 503;
  }

  #heedQuota({ now, startedAt, quota, orderedMs, status }: AttemptEnd): void {
    const { isPaced, maxWaitMs } = this.#settings;
    if (!isPaced) return;
    if (orderedMs > maxWaitMs && status === 429) this.quota.heard(now, startedAt, { remaining: 0, resetMs: orderedMs });
    else if (quota !== undefined) this.quota.heard(now, startedAt, quota);
  }

  #refusal({ status, orderedMs, quota, isFirst }: AttemptEnd): Verdict | undefined {
    if (status === 429) return 'refused';
    const isTold = orderedMs > 0 || (status === 403 && quota?.remaining === 0);
    if ((status === 503 || status === 403) && isTold) return 'refused';
    return status === 503 && this.#overload.refuses(isFirst) ? 'overloaded' : undefined;
  }

  #refuse(end: AttemptEnd, verdict: Verdict): Verdict | undefined {
    const { now, startedAt, orderedMs, status } = end;
    if (this.hold.isDown) return verdict;
    this.#lastFailure = String(status);
    const { maxWaitMs } = this.#settings;
    this.pace.refused(now, startedAt, orderedMs <= maxWaitMs ? orderedMs : 0, verdict === 'overloaded');
    if (verdict === 'overloaded') this.hold.failed({ ...end, isSilence: false });
    else this.hold.answered(now);
    if (this.pace.isHopeless(now)) this.hold.giveUp(now);
    return verdict;
  }

  #fail(end: AttemptEnd): Verdict | undefined {
    this.#lastFailure = end.code ?? String(end.status);
    this.hold.failed({ ...end, isSilence: end.status === 0 });
    return this.hold.isHeld || this.hold.isDown ? 'held' : undefined;
  }

  #answer({ now, startedAt, isRetry, status }: AttemptEnd): void {
    this.hold.answered(now);
    this.pace.served(now, startedAt);
    if (status > 0 && !brokenStatuses.has(status)) this.budget.earn(isRetry);
  }

  /** An error of our own, or an end that the caller wanted, says nothing about the host. */
  #isNews({ code }: AttemptEnd): boolean {
    return code === undefined || /^(?:TLS|BODY|HTTP|HEADERS|LENGTH|DECODE|ENCODING)_/.test(code);
  }
}

const silentCodes: ReadonlySet<FetchErrorCode> = new Set([
  'DNS_NOT_FOUND',
  'DNS_TEMPORARY',
  'DNS_TIMEOUT',
  'CONNECT_REFUSED',
  'CONNECT_TIMEOUT',
  'CONNECT_UNREACHABLE',
  'CONNECT_RESET',
  'TLS_TIMEOUT',
  'PROXY_CONNECT',
  'NO_RESPONSE',
  'CONN_RESET',
  'HEADERS_TIMEOUT',
  'TIMEOUT',
]);

/**
 * Tells whether an attempt came to nothing because its host did not answer. A proxy may say so for it; one that does not
 * want to connect says nothing about the host.
 */
export function isSilence({ status, code, isRetryable = false }: AttemptEnd): boolean {
  if (status > 0 || code === undefined) return false;
  return isSilent(code) || (code === 'PROXY_REFUSED' && isRetryable);
}

/** Tells whether an error means that no answer came. */
export function isSilent(code: FetchErrorCode): boolean {
  return silentCodes.has(code);
}
