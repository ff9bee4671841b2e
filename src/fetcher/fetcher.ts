import { requireInterval, requireSignal } from '../check.ts';
import { fetchWork, manyAtOnce, oneAtATime, type FetchTools, type Backpressure } from './fetch-run.ts';
import { Scheduler } from '../scheduling/scheduler.ts';
import { Limits } from '../scheduling/limits.ts';
import type { FetcherLoad } from '../scheduling/load.ts';
import { requireSource, Run, type RunSignals, type Source } from '../async/run.ts';
import { waitFor, type WaitOptions, type WaitResult } from '../async/wait.ts';
import { resolveOptions, type FetcherOptions, type ResolvedOptions } from './options.ts';
import { countAttempts } from '../policies/count-attempts.ts';
import { deadline } from '../policies/deadline.ts';
import { retryOnLocalShortage } from '../policies/local-shortage.ts';
import { followRedirects } from '../policies/follow-redirects.ts';
import { honorRetryAfter } from '../policies/honor-retry-after.ts';
import { retry } from '../policies/retry.ts';
import { catchFaults, settle } from '../policies/settle.ts';
import { timeout } from '../policies/timeout.ts';
import type { RequestInput } from '../http/request.ts';
import type { FetchResult } from '../http/result.ts';
import { compose, type CallTransport, type Policy } from '../call/send.ts';
import { SingleFetches } from './fetch-one.ts';
import { createTask, type Task } from '../async/task.ts';
import { adaptTransport } from '../transports/custom/adapt-transport.ts';
import { createHttp2Transport } from '../transports/http2/http2.ts';
import { createUndiciTransport } from '../transports/undici/undici.ts';

/** Requests, from wherever they come: a list, a generator, a stream of lines. */
export type RequestSource = Source<RequestInput>;

export interface RunOptions {
  /** Aborted, everything stops: see the method for how it says so. */
  readonly signal?: AbortSignal;
}

export interface StreamOptions extends RunOptions {
  /**
   * Aborted, nothing more starts: the source is closed, what waits is dropped without a result, and the stream ends with
   * the last of what was in flight.
   */
  readonly stop?: AbortSignal;
}

/** A stream of results. Leaving it (`break`) stops all work. */
export type ResultStream = AsyncIterableIterator<FetchResult, undefined, undefined> & AsyncDisposable;

/** Fetches URLs within its limits, which all its calls share. */
export interface Fetcher extends AsyncDisposable {
  /** One request. Resolves with its result whatever the network did; aborted, with a `cancelled` one. */
  fetch(input: RequestInput, options?: RunOptions): Promise<FetchResult>;
  /**
   * All results in input order. The first failure cancels the others, and once they have settled the promise rejects with its
   * `FetchError`; a 404 is no failure. Aborted, it rejects with the signal's reason.
   */
  gather(inputs: RequestSource, options?: RunOptions & { readonly returnExceptions?: boolean }): Promise<FetchResult[]>;
  /**
   * Each result when it is done. What is in flight and what is unread together stay within `concurrency`. Aborted, there is
   * a result for each request that had been read, and then the signal's reason is thrown.
   */
  asCompleted(inputs: RequestSource, options?: StreamOptions): ResultStream;
  /** One request at a time, in input order, each sent when it is asked for, at least `intervalMs` (default 0) after the last. */
  sequential(inputs: RequestSource, options?: StreamOptions & { readonly intervalMs?: number }): ResultStream;
  /**
   * Starts a task for each request and waits until the time is up or enough is done; for `FIRST_EXCEPTION` that is the first
   * that is not a response. Cancels nothing: what is pending goes on, and each task can be cancelled or awaited.
   */
  wait(inputs: Iterable<RequestInput>, options?: WaitOptions): Promise<WaitResult<Task<FetchResult>>>;
  /** What is under way at this moment, what waits, and what for: for a display that asks a few times a second. */
  load(): FetcherLoad;
  /** Aborts what still runs, waits for it, and closes every socket. Nothing can be fetched after it. */
  close(): Promise<void>;
}

/** Makes a fetcher. Throws a `TypeError` or a `RangeError` that names a wrong option. */
export function createFetcher(options?: FetcherOptions): Fetcher {
  const resolved = resolveOptions(options);
  return createFetcherOver(createTransport(resolved), resolved);
}

/** Creates a fetcher around one of our own transports, which see a request as a {@link CallTransport} does. */
export function createFetcherOver(transport: CallTransport, resolved: ResolvedOptions): Fetcher {
  const scheduler = new Scheduler(new Limits(resolved));
  // Outermost first.
  const send = compose(transport.send, [
    ...when(resolved.urlDeadlineMs < Infinity, deadline(resolved.urlDeadlineMs)), // all attempts, and what lies between them
    ...when(resolved.retry.retries > 0, retry(resolved.retry.retries)), // backs off without a slot, and asks for a new one
    retryOnLocalShortage(scheduler), // our own shortage slows the run down, and is charged to no request
    honorRetryAfter(scheduler), // a 429 slows its whole host, and only its host
    countAttempts,
    ...when(resolved.timeoutMs < Infinity, timeout(resolved.timeoutMs)), // one attempt; waiting for a slot never counts
    ...when(resolved.maxRedirects > 0, followRedirects(resolved.maxRedirects)), // all hops are one attempt
    catchFaults, // a fault on the way back out ends one request, and nothing else
  ]);
  const tools: FetchTools = { scheduler, dispatch: settle(send, resolved.isExpected), headers: resolved.headers };
  return new LimitedFetcher(resolved, tools, () => transport.close());
}

function createTransport(options: ResolvedOptions): CallTransport {
  if (options.transport) return adaptTransport(options.transport, options);
  return options.http2 ? createHttp2Transport(options) : createUndiciTransport(options);
}

/** A policy that an option switches off is left out of the chain, not skipped inside it. */
function when(isOn: boolean, policy: Policy): Policy[] {
  return isOn ? [policy] : [];
}

class LimitedFetcher implements Fetcher {
  readonly #options: ResolvedOptions;
  readonly #tools: FetchTools;
  readonly #closeTransport: () => Promise<void>;
  readonly #runs = new Set<Run<RequestInput, FetchResult>>();
  readonly #single: SingleFetches;
  #closed: Promise<void> | undefined;

  constructor(options: ResolvedOptions, tools: FetchTools, closeTransport: () => Promise<void>) {
    this.#options = options;
    this.#tools = tools;
    this.#closeTransport = closeTransport;
    this.#single = new SingleFetches(tools);
  }

  async fetch(input: RequestInput, { signal }: RunOptions = {}): Promise<FetchResult> {
    this.#requireOpen();
    requireSignal('fetch', signal);
    return this.#single.fetch(input, signal);
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

  asCompleted(inputs: RequestSource, { signal, stop }: StreamOptions = {}): ResultStream {
    return this.#run(inputs, this.#manyAtOnce(), { signal, stop });
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
    return waitFor(tasks, options, (task) => task.state === 'fulfilled' && task.result().kind !== 'response');
  }

  load(): FetcherLoad {
    let { outstanding } = this.#single;
    let unread = 0;
    for (const run of this.#runs) {
      outstanding += run.outstanding;
      unread += run.results.unread;
    }
    return this.#tools.scheduler.load({ outstanding, unread }, performance.now());
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
    await Promise.all([...runs.map((run) => run.ended), this.#single.close(reason)]);
    this.#tools.scheduler.close();
    await this.#closeTransport();
  }

  #manyAtOnce(): Backpressure {
    return manyAtOnce(this.#options.concurrency, this.#options.readAhead);
  }

  #run(inputs: RequestSource, pace: Backpressure, signals: RunSignals): ResultStream {
    this.#requireOpen();
    requireSource('fetch', 'inputs', inputs);
    requireSignal('fetch', signals.signal);
    requireSignal('fetch', signals.stop);
    const run = new Run<RequestInput, FetchResult>(inputs, (started) => fetchWork(started, this.#tools, pace), signals);
    this.#runs.add(run);
    void run.ended.then(() => this.#runs.delete(run));
    return run.results;
  }

  #requireOpen(): void {
    if (this.#closed) throw new Error('Cannot fetch as the fetcher is closed');
  }
}
