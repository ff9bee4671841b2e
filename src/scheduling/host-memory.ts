import {
  isSilence,
  KnownHost,
  type AttemptEnd,
  type HostSettings,
  type KnownHostState,
  type Verdict,
} from './known-host.ts';
import { NetworkHold } from './network-hold.ts';
import type { Demand } from './quota.ts';
import type { RetryBudget } from './retry-budget.ts';

/** A host that has stopped answering. */
export interface HeldHost {
  /** The origin, such as `https://example.com`. */
  readonly host: string;
  /** True if it was given up: its requests fail unsent. */
  readonly isDown: boolean;
  /** Milliseconds on the monotonic clock at which the next request asks. */
  readonly askAt: number;
  /** Requests that failed since the last answer. */
  readonly tried: number;
  /** The status or the error code of the last failure. */
  readonly code: string;
  /** Requests that failed unsent, or not sent again. */
  readonly notSent: number;
}

/** A host that gets a limited number of requests per second. */
export interface PacedHost {
  /** The origin, such as `https://example.com`. */
  readonly host: string;
  /** Requests per second: those served between its last two refusals, or the starts that are allowed by what it told. */
  readonly perSecond: number;
  /** `learned` from refusals, as the last quota `told`, or as `Crawl-delay` in its `robots`.txt asks for. */
  readonly from: 'learned' | 'told' | 'robots';
  /** Milliseconds that `Crawl-delay` asks for, if they are more than the 30 s that are kept. */
  readonly askedMs?: number;
}

/** A host that was held and has answered again. */
export interface WaitedForHost {
  /** The origin, such as `https://example.com`. */
  readonly host: string;
  /** Milliseconds for which it was held. */
  readonly forMs: number;
}

const maxHosts = 10_000;

const defaults: HostSettings = { isPaced: true, hasRetryBudget: true, maxWaitMs: 60_000, hostPatienceMs: 60_000 };

/**
 * The hosts that have refused or failed a request, or stated a quota. A host that only answers costs nothing here. The
 * least recently used host is forgotten beyond 10,000.
 */
export class HostMemory {
  readonly settings: HostSettings;
  readonly network: NetworkHold;
  /** In order of the last observation. */
  readonly #hosts = new Map<string, KnownHost>();

  constructor(settings: HostSettings = defaults) {
    this.settings = settings;
    this.network = new NetworkHold(settings.hostPatienceMs);
  }

  /** Hosts that are remembered. */
  get size(): number {
    return this.#hosts.size;
  }

  /** Returns what is remembered of a host. */
  get(origin: string): KnownHost | undefined {
    return this.#hosts.size === 0 ? undefined : this.#hosts.get(origin);
  }

  /** Returns the hosts that are held or given up. */
  held(): HeldHost[] {
    return Array.from(this.#hosts.values())
      .filter(({ hold }) => hold.isHeld || hold.isDown)
      .map(({ origin, hold, lastFailure, notSent }) => {
        const { isDown, askAt, tried } = hold;
        return { host: origin, isDown, askAt, tried, code: lastFailure, notSent };
      });
  }

  /** Returns the hosts whose rate was learned, or follows a quota. */
  paced(): PacedHost[] {
    return Array.from(this.#hosts.values(), pacedHost).filter((host) => host !== undefined);
  }

  /** Returns the hosts that were held and have answered again. */
  waitedFor(): WaitedForHost[] {
    return Array.from(this.#hosts.values(), ({ origin, hold }) => ({ host: origin, forMs: hold.waitedMs })).filter(
      ({ forMs }) => forMs > 0,
    );
  }

  /** Returns the time from which a start on a host is allowed; `Infinity` if only a release can help. */
  openAt(origin: string, demand: Demand): number {
    return this.get(origin)?.openAt(demand) ?? -Infinity;
  }

  /** Tells whether the requests of a host fail unsent at `now`. */
  rejects(origin: string, now: number): boolean {
    return this.get(origin)?.rejects(now) ?? false;
  }

  /** Counts a start. */
  started(origin: string, now: number): void {
    this.get(origin)?.started(now);
  }

  /** Learns from an attempt. `hasAnswered` tells whether the host has answered before. */
  observe(origin: string, end: AttemptEnd, hasAnswered: boolean): Verdict | undefined {
    const host = this.#use(origin, hasAnswered);
    if (!isSilence(end)) return host.observe(end);
    if (host.hold.hasAnswered) this.network.silent(origin, end.now, end.startedAt);
    // The host cannot be blamed while no host answers.
    return this.network.isHeld ? 'held' : host.observe(end);
  }

  /** Notes that some host has answered: the network is there. Returns the hosts that are held no longer. */
  answered(now: number): string[] {
    const wasHeld = this.network.isHeld;
    this.network.answered();
    if (!wasHeld) return [];
    const held = [...this.#hosts.values()].filter(({ hold }) => hold.isHeld);
    for (const { hold } of held) hold.answered(now);
    return held.map(({ origin }) => origin);
  }

  /** Returns the retry budget of a host; undefined if retries are free. */
  retryBudget(origin: string): RetryBudget | undefined {
    // A host that is not known yet has answered, with a status such as 500.
    return this.settings.hasRetryBudget ? this.#use(origin, true).budget : undefined;
  }

  /** Goes on with what another process has saved of a host, at a time of the present clock. */
  restore(origin: string, state: KnownHostState, savedAt: number): void {
    this.#use(origin, state.hold.hasAnswered).restore(state, savedAt);
  }

  #use(origin: string, hasAnswered: boolean): KnownHost {
    const host = this.get(origin) ?? new KnownHost(origin, this.settings, hasAnswered);
    this.#hosts.delete(origin);
    this.#hosts.set(origin, host);
    if (this.#hosts.size > maxHosts) this.#hosts.delete(this.#hosts.keys().next().value!);
    return host;
  }
}

function pacedHost({ origin, pace, quota }: KnownHost): PacedHost | undefined {
  const { measuredPerSecond } = pace;
  if (measuredPerSecond < Infinity) return { host: origin, perSecond: measuredPerSecond, from: 'learned' };
  const perSecond = quota.sharedPerSecond;
  return perSecond === undefined ? undefined : { host: origin, perSecond, from: 'told' };
}
