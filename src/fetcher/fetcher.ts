import { systemClock, type Clock } from '../async/clock.ts';
import { requireSource, Run, type RunSignals, type Source } from '../async/run.ts';
import { createTask, type Task } from '../async/task.ts';
import type { Guard } from '../call/guard.ts';
import { waitWith, type WaitOptions, type WaitResult } from '../async/wait.ts';
import { compose, type CallTransport, type Policy } from '../call/send.ts';
import { complaint, requireInterval, requireSignal } from '../check.ts';
import type { BodyReceiver } from '../http/body-writer.ts';
import type { ContinuedRequest } from '../http/continued-request.ts';
import type { RequestInput } from '../http/request.ts';
import type { FetchResult } from '../http/result.ts';
import { addHeaders } from '../policies/add-headers.ts';
import { archiveExchanges } from '../policies/archive-exchanges.ts';
import { around, type Replay } from '../policies/around.ts';
import { askIfChanged } from '../policies/ask-if-changed.ts';
import { authorize } from '../policies/authorize.ts';
import { continueBodies } from '../policies/continue-bodies.ts';
import { countAttempts } from '../policies/count-attempts.ts';
import { deadline } from '../policies/deadline.ts';
import { followRedirects } from '../policies/follow-redirects.ts';
import { observeHosts } from '../policies/observe-hosts.ts';
import { honorRetryAfter } from '../policies/honor-retry-after.ts';
import { learnLimits } from '../policies/learn-limits.ts';
import { keepCookies } from '../policies/keep-cookies.ts';
import { retryOnLocalShortage } from '../policies/local-shortage.ts';
import { retry } from '../policies/retry.ts';
import { catchFaults, settle } from '../policies/settle.ts';
import { skipExisting } from '../policies/skip-existing.ts';
import { timeout } from '../policies/timeout.ts';
import { HostMemory } from '../scheduling/host-memory.ts';
import { Limits, type OriginState } from '../scheduling/limits.ts';
import type { FetcherLoad } from '../scheduling/load.ts';
import { RobotsFiles } from '../scheduling/robots-files.ts';
import { Scheduler } from '../scheduling/scheduler.ts';
import { adaptTransport } from '../transports/custom/adapt-transport.ts';
import { BodyBudget } from '../transports/response/body-budget.ts';
import { createHttp2Transport } from '../transports/http2/http2.ts';
import { createHttp1Transport } from '../transports/http1/http1.ts';
import { manyAtOnce, oneAtATime, type Backpressure } from './backpressure.ts';
import { hasRequestFields, mergeInit, requireKnownRequest, type FetchInit } from './fetch-init.ts';
import { FollowedStream } from './followed-stream.ts';
import { Following, resolveFollow, type FollowOptions } from './following.ts';
import { FetchRun, type FetchTools } from './fetch-run.ts';
import { maxRobotsRedirects, RobotsReader } from './robots-reader.ts';
import { resolveOptions, type FetcherOptions, type ResolvedOptions } from './options.ts';
import { SingleFetches } from './single-fetches.ts';

/**
 * Requests from any source: an array, a generator, a stream of lines. A source is read as slots free up, at most
 * `readAhead` requests ahead, and closed (`return()`) when the consumer leaves.
 */
export type RequestSource = Source<RequestInput>;

/** Options of every call of a {@link Fetcher}. */
export interface RunOptions {
  /** Cancels every request of the call when it aborts. Each method says how the call ends then. */
  readonly signal?: AbortSignal;
}

/** Options of {@link Fetcher.asCompleted} and {@link Fetcher.sequential}. */
export interface StreamOptions extends RunOptions {
  /**
   * Stops the stream when it aborts: the source is closed, waiting requests are dropped without a result, and the
   * stream ends after the last request in flight.
   */
  readonly stop?: AbortSignal;
}

/** An async iterator of results. Leaving the loop (`break`) cancels all requests of the stream. */
export type ResultStream = AsyncIterableIterator<FetchResult, undefined, undefined> & AsyncDisposable;

/**
 * Fetches URLs within limits that all its calls share. Made by {@link createFetcher}; closed by `await using` or
 * `close()`.
 *
 * A network error never throws: it is a result of kind `failure`. A response is a result of kind `response`, whatever
 * its status.
 */
export interface Fetcher extends AsyncDisposable {
  /**
   * Sends one request and resolves with its result. When `signal` aborts, it resolves with a result of kind
   * `cancelled`. The second argument is much like that of the global `fetch()`: `method`, `headers`, `body`, `json`, `form`,
   * `id` and `signal`.
   *
   * @throws Error if the fetcher is closed; TypeError for an unknown field, or if `signal` is not an AbortSignal; both as a
   *   rejection
   *
   * @example
   * ```ts
   * const result = await fetcher.fetch('https://example.com/');
   * if (result.kind === 'response') console.log(result.status, result.text());
   * ```
   */
  fetch(input: RequestInput, init?: FetchInit & RunOptions): Promise<FetchResult>;
  /**
   * Saves the body of an ok response to a file, in bounded memory, and resolves with its result, which has `file` and
   * `sha256`. The file appears whole or not at all, and replaces one of that name; its folder must exist. A response that is
   * not ok writes nothing.
   *
   * @throws Error if the fetcher is closed; TypeError for an unknown field or a wrong path; both as a rejection
   *
   * @example
   * ```ts
   * const result = await fetcher.download('https://example.com/large.zip', 'large.zip');
   * if (!result.ok) console.error(result);
   * ```
   */
  download(input: RequestInput, path: string, init?: FetchInit & RunOptions): Promise<FetchResult>;
  /**
   * Fetches all requests and resolves with their results in input order. The first failure cancels the others; the
   * promise rejects with its `FetchError` once they have settled. A 404 is a response, not a failure. With
   * `returnExceptions: true` a failure is a result like any other, and nothing is cancelled.
   *
   * @throws FetchError of the first failure, unless `returnExceptions` is true; the reason of `signal` if it aborts;
   *   the error of the source; Error if the fetcher is closed; TypeError for wrong arguments; all as a rejection
   *
   * @example
   * ```ts
   * const results = await fetcher.gather(urls, { returnExceptions: true });
   * for (const { url, kind } of results) console.log(kind, url);
   * ```
   */
  gather(inputs: RequestSource, options?: RunOptions & { readonly returnExceptions?: boolean }): Promise<FetchResult[]>;
  /**
   * Fetches concurrently and yields each result as soon as it is done. Requests in flight and unread results together
   * stay within `concurrency`, so a slow consumer slows the requests down. When `signal` aborts, there is a result for
   * each request that was read, and then the iterator throws the signal's reason.
   *
   * With `follow`, results add requests to the run: the next page, the links of a page.
   *
   * @throws Error if the fetcher is closed, TypeError for wrong arguments, both at once; while iterating, the error of
   *   the source
   *
   * @example
   * ```ts
   * for await (const result of fetcher.asCompleted(urls)) console.log(result.index, result.kind);
   * ```
   */
  asCompleted(inputs: RequestSource, options?: StreamOptions & FollowOptions): ResultStream;
  /**
   * Fetches one request at a time, in input order, each when its result is asked for. Starts are at least `intervalMs`
   * milliseconds apart, 0 by default. An abort ends it as it ends {@link asCompleted}.
   *
   * @throws Error if the fetcher is closed, TypeError or RangeError for wrong arguments, all at once; while iterating,
   *   the error of the source
   *
   * @example
   * ```ts
   * for await (const result of fetcher.sequential(urls, { intervalMs: 500 })) console.log(result.kind);
   * ```
   */
  sequential(inputs: RequestSource, options?: StreamOptions & { readonly intervalMs?: number }): ResultStream;
  /**
   * Starts a task for each request and waits as `wait()` does. For `FIRST_EXCEPTION` the first result that is not a
   * response ends the wait. Nothing is cancelled: pending tasks go on, and each can be cancelled or awaited.
   *
   * @throws Error if the fetcher is closed; RangeError if there are no requests or an option is out of range; TypeError
   *   for wrong arguments; the reason of `signal` if it aborts; all as a rejection
   *
   * @example
   * ```ts
   * const { done, pending } = await fetcher.wait(mirrors, { returnWhen: 'FIRST_COMPLETED' });
   * for (const task of pending) task.cancel();
   * ```
   */
  wait(inputs: Iterable<RequestInput>, options?: WaitOptions): Promise<WaitResult<Task<FetchResult>>>;
  /** Returns a snapshot of what is in flight, what waits and why. For a display that asks a few times a second. */
  load(): FetcherLoad;
  /** Cancels what still runs, waits for it, and closes every socket. The fetcher cannot be used afterwards. */
  close(): Promise<void>;
}

/**
 * Creates a fetcher.
 *
 * @throws TypeError or RangeError for an unknown option or a wrong value; the message names it
 *
 * @example
 * ```ts
 * await using fetcher = createFetcher({ concurrency: 20, perHost: { concurrency: 4 }, retry: { retries: 3 } });
 * for await (const result of fetcher.asCompleted(urls)) console.log(result.url, result.kind);
 * ```
 */
export function createFetcher(options?: FetcherOptions): Fetcher {
  return createFetcherOn(systemClock, options);
}

/** A fetcher for requests whose hosts are divided among several processes. */
export interface GuardedFetcher extends Fetcher {
  /** Fetches as {@link Fetcher.asCompleted} does. The guard decides what may be sent; it is asked before each start. */
  guarded(inputs: Iterable<RequestInput | ContinuedRequest>, guard: Guard, signals: RunSignals): GuardedRun;
  /** Holds an origin back until a time in milliseconds on the monotonic clock. */
  pause(origin: string, until: number): void;
  /** Returns what has been learned of an origin; undefined if that is nothing. */
  learned(origin: string): OriginState | undefined;
  /** Goes on with what another process had learned of an origin, `ageMs` milliseconds ago. */
  learn(origin: string, state: OriginState, ageMs: number): void;
}

/** A run of a {@link GuardedFetcher}. */
export interface GuardedRun {
  readonly results: ResultStream;
  /** Number of requests in flight. */
  readonly active: () => number;
}

/**
 * Creates a fetcher whose runs can be guarded.
 *
 * @param onPause receives each pause that a server asks for: the origin, and its end in milliseconds on the monotonic
 *   clock
 */
export function createGuardedFetcher(
  options: FetcherOptions,
  onPause: (origin: string, until: number) => void,
): GuardedFetcher {
  const resolved = resolveOptions(options);
  const budget = new BodyBudget(resolved.maxBufferedBytes);
  return makeFetcher(createTransport(resolved, budget), resolved, { budget, onPause });
}

/** Creates a fetcher that takes the time for its limits, waits and results from `clock`. */
export function createFetcherOn(clock: Clock, options?: FetcherOptions): Fetcher {
  const resolved = resolveOptions(options);
  const budget = new BodyBudget(resolved.maxBufferedBytes);
  return createFetcherOver(createTransport(resolved, budget), resolved, { clock, budget });
}

/**
 * Creates a fetcher that learns nothing about hosts, for a benchmark: it neither paces nor holds a host, whatever its
 * server does.
 */
export function createIndifferentFetcher(options: FetcherOptions): Fetcher {
  const resolved = resolveOptions(options);
  const budget = new BodyBudget(resolved.maxBufferedBytes);
  return makeFetcher(createTransport(resolved, budget), resolved, { budget, learns: false });
}

/** Creates a fetcher around one of our own transports, which see a request as a {@link CallTransport} does. */
export function createFetcherOver(
  transport: CallTransport,
  resolved: ResolvedOptions,
  parts: FetcherParts = {},
): Fetcher {
  return makeFetcher(transport, resolved, parts);
}

function makeFetcher(
  transport: CallTransport,
  resolved: ResolvedOptions,
  { clock = systemClock, budget = new BodyBudget(resolved.maxBufferedBytes), onPause, learns = true }: FetcherParts,
): LimitedFetcher {
  const receiver: Partial<BodyReceiver> = typeof resolved.responseBody === 'string' ? {} : resolved.responseBody;
  const { parts, known, archive, close: closeReceiver } = receiver;
  const files = resolved.robots ? new RobotsFiles() : undefined;
  const scheduler = new Scheduler(new Limits(resolved, new HostMemory(resolved.hosts), files), clock, onPause);
  const hooks = (place: 'around' | 'aroundSend'): Policy[] => {
    const replay: Replay = (response, request, call, done) =>
      adaptTransport({ send: async () => response }, resolved, budget).send(request, call, done);
    return resolved[place].map((hook) => around(hook, { place, isExpected: resolved.isExpected, replay }));
  };
  // A body is searched as a whole.
  const continuesBodies = parts !== undefined && resolved.expectations?.body === undefined;
  const authorized = given(resolved.auth, authorize);
  // Outermost first.
  const attempts: readonly Policy[] = [
    retry(resolved.retry, scheduler), // waits without a slot
    retryOnLocalShortage(scheduler), // our own shortage slows the fetcher down and is charged to no request
    honorRetryAfter(scheduler), // a 429 slows its whole origin, and no other
    countAttempts,
    timeout(resolved.timeoutMs, clock), // one attempt, without waits for a slot
    ...given(resolved.attemptHeaders, addHeaders), // as of now
  ];
  const messages: readonly Policy[] = [
    ...hooks('aroundSend'), // the caller's own, around one message
    ...when(resolved.isElastic || resolved.perHost.isElastic, learnLimits(scheduler)), // how many at once
    ...when(learns, observeHosts(scheduler)), // each message tells something of its host
  ];
  const send = compose(transport.send, [
    ...when(known !== undefined, skipExisting(known!)), // a body that is at hand is not sent for
    ...when(resolved.urlDeadlineMs < Infinity, deadline(resolved.urlDeadlineMs, clock)), // all attempts and waits
    ...hooks('around'), // the caller's own, around all attempts
    ...attempts,
    ...when(resolved.maxRedirects > 0, followRedirects(resolved.maxRedirects, files)), // all hops are one attempt
    ...given(resolved.cookies, keepCookies), // each hop has its own
    ...authorized, // for the hops that it is meant for
    ...when(continuesBodies, continueBodies(parts!)), // a part of a body is continued on the hop that sent it
    ...when(known !== undefined, askIfChanged(known!)), // an earlier body may still hold, on the hop that sent it
    ...messages,
    ...given(archive, archiveExchanges), // each hop as it is sent
    catchFaults, // an exception on the way back out ends one request, and no other
  ]);
  const dispatch = settle(send, resolved.isExpected, resolved.expectations);
  const { headers } = resolved;
  // A robots.txt is asked for as the user's requests are, but is none of them.
  const forRobots = [...attempts, followRedirects(maxRobotsRedirects), ...authorized, ...messages, catchFaults];
  const robots =
    files &&
    new RobotsReader({
      files,
      tools: { scheduler, budget, headers, dispatch: settle(compose(transport.send, forRobots), () => true) },
      options: resolved,
    });
  const tools: FetchTools = { scheduler, dispatch, budget, headers, robots };
  return new LimitedFetcher(resolved, tools, robots, async () => {
    await transport.close();
    await closeReceiver?.();
  });
}

/** Parts of a fetcher that tests exchange. */
interface FetcherParts {
  readonly clock?: Clock;
  readonly budget?: BodyBudget;
  readonly onPause?: (origin: string, until: number) => void;
  /** False to pace and hold no host. @default true */
  readonly learns?: boolean;
}

function createTransport(options: ResolvedOptions, budget: BodyBudget): CallTransport {
  if (options.transport) return adaptTransport(options.transport, options, budget);
  return options.http2 ? createHttp2Transport(options, budget) : createHttp1Transport(options, { budget });
}

/** Leaves a policy that an option switches off out of the chain, instead of skipping it for each request. */
function when(isOn: boolean, policy: Policy): Policy[] {
  return isOn ? [policy] : [];
}

/** Makes the policy of an option that was given. */
function given<T>(option: T | undefined, policy: (option: T) => Policy): Policy[] {
  return option === undefined ? [] : [policy(option)];
}

class LimitedFetcher implements GuardedFetcher {
  readonly #options: ResolvedOptions;
  readonly #tools: FetchTools;
  readonly #robots: RobotsReader | undefined;
  readonly #closeTransport: () => Promise<void>;
  readonly #runs = new Set<Run<RequestInput | ContinuedRequest, FetchResult>>();
  readonly #single: SingleFetches;
  #closed: Promise<void> | undefined;

  constructor(
    options: ResolvedOptions,
    tools: FetchTools,
    robots: RobotsReader | undefined,
    closeTransport: () => Promise<void>,
  ) {
    this.#options = options;
    this.#tools = tools;
    this.#robots = robots;
    this.#closeTransport = closeTransport;
    this.#single = new SingleFetches(tools);
    tools.budget.countUnread(() => this.#unreadBytes());
  }

  async fetch(input: RequestInput, init: FetchInit & RunOptions = {}): Promise<FetchResult> {
    this.#requireOpen();
    requireSignal('fetch', init.signal);
    requireKnownRequest(input);
    if (!hasRequestFields(init)) return this.#single.fetch(input, init.signal);
    const request = await mergeInit(input, init);
    this.#requireOpen();
    return this.#single.fetch(request, init.signal);
  }

  async download(input: RequestInput, path: string, init: FetchInit & RunOptions = {}): Promise<FetchResult> {
    this.#requireOpen();
    requireSignal('download', init.signal);
    if (typeof path !== 'string' || path === '')
      throw new TypeError(complaint('download', 'path', 'the path of a file', path));
    requireKnownRequest(input);
    const request = hasRequestFields(init) ? await mergeInit(input, init) : input;
    // Loaded only when it is used.
    const { saveAs } = await import('../outputs/bodies/save-as.ts');
    this.#requireOpen();
    return this.#single.fetch(request, init.signal, 0, saveAs(path));
  }

  async gather(
    inputs: RequestSource,
    { returnExceptions = false, signal }: RunOptions & { returnExceptions?: boolean } = {},
  ): Promise<FetchResult[]> {
    const results: FetchResult[] = [];
    for await (const result of this.#run(inputs, this.#manyAtOnce(), { signal })) {
      if (result.kind === 'failure' && !returnExceptions) throw result.error;
      results[result.index] = result;
    }
    return results;
  }

  asCompleted(inputs: RequestSource, options: StreamOptions & FollowOptions = {}): ResultStream {
    const { signal, stop } = options;
    const follow = resolveFollow(options);
    if (follow === undefined) return this.#run(inputs, this.#manyAtOnce(), { signal, stop });
    requireSource('fetch', 'inputs', inputs);
    requireSignal('fetch', signal);
    const following = new Following(inputs, follow);
    const failing = new AbortController();
    const either = signal === undefined ? failing.signal : AbortSignal.any([signal, failing.signal]);
    const results = this.#run(following, this.#manyAtOnce(), { signal: either, stop });
    return new FollowedStream(results, following, (reason) => failing.abort(reason));
  }

  sequential(
    inputs: RequestSource,
    { intervalMs = 0, signal, stop }: StreamOptions & { intervalMs?: number } = {},
  ): ResultStream {
    requireInterval('fetch', intervalMs);
    return this.#run(inputs, oneAtATime(intervalMs), { signal, stop });
  }

  async wait(inputs: Iterable<RequestInput>, options: WaitOptions = {}): Promise<WaitResult<Task<FetchResult>>> {
    this.#requireOpen();
    requireSource('fetch', 'inputs', inputs);
    const tasks = Array.from(inputs, (input, index) =>
      createTask((signal) => this.#single.fetch(input, signal, index)),
    );
    return waitWith(tasks, options, (task) => task.state === 'fulfilled' && task.result().kind !== 'response');
  }

  guarded(inputs: Iterable<RequestInput | ContinuedRequest>, guard: Guard, signals: RunSignals): GuardedRun {
    this.#requireOpen();
    let work: FetchRun | undefined;
    const run = new Run<RequestInput | ContinuedRequest, FetchResult>(
      inputs,
      (started) => (work = new FetchRun(started, this.#tools, this.#manyAtOnce(), guard)),
      signals,
    );
    return { results: this.#add(run), active: () => work!.active };
  }

  pause(origin: string, until: number): void {
    this.#tools.scheduler.pause(origin, until);
  }

  learned(origin: string): OriginState | undefined {
    const { limits, clock } = this.#tools.scheduler;
    return limits.save(origin, clock.now());
  }

  learn(origin: string, state: OriginState, ageMs: number): void {
    const { limits, clock } = this.#tools.scheduler;
    const now = clock.now();
    limits.restore(origin, state, now - ageMs, now);
  }

  load(): FetcherLoad {
    let outstanding = this.#single.outstanding + (this.#robots?.outstanding ?? 0);
    let unread = 0;
    for (const run of this.#runs) {
      outstanding += run.outstanding;
      unread += run.results.unread;
    }
    return this.#tools.scheduler.load({ outstanding, unread });
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    const reason = new DOMException('The fetcher was closed', 'AbortError');
    const runs = [...this.#runs];
    for (const run of runs) run.abort(reason);
    await Promise.all([...runs.map((run) => run.ended), this.#single.close(reason), this.#robots?.close(reason)]);
    this.#tools.scheduler.close();
    await this.#closeTransport();
  }

  #manyAtOnce(): Backpressure {
    return manyAtOnce(this.#options.concurrency, this.#options.readAhead);
  }

  #run(inputs: RequestSource, backpressure: Backpressure, signals: RunSignals): ResultStream {
    this.#requireOpen();
    requireSource('fetch', 'inputs', inputs);
    requireSignal('fetch', signals.signal);
    requireSignal('fetch', signals.stop);
    const run = new Run<RequestInput | ContinuedRequest, FetchResult>(
      inputs,
      (started) => new FetchRun(started, this.#tools, backpressure),
      signals,
      { holds: true, weigh: this.#options.responseBody === 'buffer' ? bodyBytes : undefined },
    );
    return this.#add(run);
  }

  #add(run: Run<RequestInput | ContinuedRequest, FetchResult>): ResultStream {
    this.#runs.add(run);
    void run.ended.then(() => this.#runs.delete(run));
    return run.results;
  }

  #unreadBytes(): number {
    let bytes = 0;
    for (const run of this.#runs) bytes += run.results.unreadWeight;
    return bytes;
  }

  #requireOpen(): void {
    if (this.#closed) throw new Error('Cannot fetch as the fetcher is closed');
  }
}

/** Returns the bytes of the body that a result holds. A failure holds none. */
function bodyBytes(result: FetchResult): number {
  return result.kind === 'response' ? result.length : 0;
}
