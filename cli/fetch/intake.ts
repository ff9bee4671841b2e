import { unstartedResult } from '../../src/call/results.ts';
import type { ListEntry } from '../../src/http/list-entry.ts';
import type { RequestInput, RequestObject } from '../../src/http/request.ts';
import type { FetchResult } from '../../src/http/result.ts';
import { InputError } from '../../src/inputs/input-error.ts';

/** Requests of the lists of a run. A text is a URL whose line and source are asked for before the next request. */
export interface IntakeLists extends AsyncIterable<RequestInput> {
  /** Number of requests to expect; `undefined` while that is not known. */
  readonly expected?: number | undefined;
  readonly line?: number | undefined;
  readonly source?: string | undefined;
}

/** The parts of an {@link Intake}. */
export interface IntakeParts {
  /** Requests of the command line. Their number is known if they are an array. */
  readonly urls: Iterable<RequestInput>;
  readonly lists: IntakeLists;
  /** True if one of the lists is standard input. */
  readonly readsStdin: boolean;
  /** Fields of each request that has none of its own. */
  readonly more?: Omit<RequestObject, 'url'> | undefined;
  /** Tells whether a request is still to be made. */
  readonly isPending?: ((request: RequestInput) => boolean) | undefined;
  /** Keeps the requests that have no result yet, for {@link Intake.unstarted}. @default false */
  readonly keepsUnstarted?: boolean;
  /** Ends requests that are made to read a list. */
  readonly onStop?: () => void;
}

/**
 * The pending requests of a run: those of the command line, then those of the lists. Counts them. A list that cannot be
 * read to its end ends the input; what came before is still fetched.
 */
export class Intake implements AsyncIterable<RequestInput> {
  readonly #parts: IntakeParts;
  readonly #urls: Iterator<RequestInput>;
  readonly #items: AsyncIterator<RequestInput>;
  /** Line of each text without a result yet, by its number among the pending. */
  readonly #lines = new Map<number, number>();
  /** Names of the lists of texts, each with the number of its first one. */
  readonly #sources: { readonly from: number; readonly source: string }[] = [];
  readonly #unstarted = new Map<number, RequestInput>();
  #read = 0;
  #taken = 0;
  #isBeyondUrls = false;
  #isAtEnd = false;
  #isAwaited = false;
  #isStopped = false;
  #failure: InputError | undefined;

  constructor(parts: IntakeParts) {
    this.#parts = parts;
    this.#urls = parts.urls[Symbol.iterator]();
    this.#items = parts.lists[Symbol.asyncIterator]();
  }

  /** True if one of the lists is standard input. */
  get readsStdin(): boolean {
    return this.#parts.readsStdin;
  }

  /** Number of requests read so far, with those done by earlier runs. */
  get read(): number {
    return this.#read;
  }

  /** Number of pending requests read so far. */
  get taken(): number {
    return this.#taken;
  }

  /** True once the input has ended. */
  get isAtEnd(): boolean {
    return this.#isAtEnd;
  }

  /** True while a consumer waits for the lists to deliver the next request. */
  get isAwaited(): boolean {
    return this.#isAwaited;
  }

  /** Number of requests in all, including those done by earlier runs; undefined while it cannot be estimated. */
  get total(): { readonly count: number; readonly isExact: boolean } | undefined {
    if (this.#isAtEnd) return { count: this.#read, isExact: true };
    const { urls, lists } = this.#parts;
    if (!Array.isArray(urls) || lists.expected === undefined) return undefined;
    return { count: Math.max(this.#read, urls.length + lists.expected), isExact: false };
  }

  /** The error that ended reading a list early. */
  get failure(): InputError | undefined {
    return this.#failure;
  }

  /** Has no `return()`: after a run was stopped, the rest may still have to be counted. */
  [Symbol.asyncIterator](): AsyncIterator<RequestInput, undefined> {
    return { next: () => this.#next() };
  }

  /** Adds the line and source of a URL to its result. Must be called once for each result, before it is renumbered. */
  settle(result: FetchResult): FetchResult {
    const { index } = result;
    if (this.#parts.keepsUnstarted) this.#unstarted.delete(index);
    return Object.assign(result, this.entryOf(index));
  }

  /** Returns the line and source of a URL by its number among the pending, once. */
  entryOf(index: number): Pick<ListEntry, 'line' | 'source'> {
    const line = this.#lines.get(index);
    if (line === undefined) return {};
    this.#lines.delete(index);
    const source = this.#sources.findLast(({ from }) => from <= index)?.source;
    return source === undefined ? { line } : { line, source };
  }

  /** Returns the line of a URL without a result, by its number among the pending; undefined if it has another place for it. */
  lineOf(index: number): number | undefined {
    return this.#lines.get(index);
  }

  /** Ends the requests that read a list. An input that cannot be read from now on is not an error. */
  stop(): void {
    this.#isStopped = true;
    this.#parts.onStop?.();
  }

  /** Reads and drops the rest to count it, for at most `withinMs` milliseconds. Does nothing for standard input. */
  async countRest(withinMs: number): Promise<void> {
    if (this.readsStdin) return;
    const end = performance.now() + withinMs;
    while (!this.#isAtEnd && performance.now() < end) {
      const input = await this.#nextInput();
      if (input !== undefined) this.#take(input);
    }
  }

  /**
   * Yields a result for each request of a stopped run that never started, those that were not read yet included. The rest
   * of standard input is not read: it may never end.
   */
  async *unstarted(): AsyncGenerator<FetchResult, void, undefined> {
    for (const [index, request] of this.#unstarted) yield unstartedResult(request, index);
    while (!this.readsStdin) {
      const { done, value } = await this.#next();
      if (done) return;
      yield unstartedResult(value, this.#taken - 1);
    }
  }

  /** Closes the lists, even one that is waiting for data. */
  close(): void {
    this.#isAtEnd = true;
    this.stop();
    void this.#items.return?.();
  }

  async #next(): Promise<IteratorResult<RequestInput, undefined>> {
    for (;;) {
      const input = await this.#nextInput();
      if (input === undefined) return { done: true, value: undefined };
      const request = this.#take(input);
      if (request !== undefined) return { done: false, value: request };
    }
  }

  /** Returns undefined if the request is already done. */
  #take(input: RequestInput): RequestInput | undefined {
    const request = this.#completed(input);
    const { isPending, keepsUnstarted = false, lists } = this.#parts;
    if (isPending?.(request) === false) return undefined;
    if (typeof request === 'string' && this.#isBeyondUrls && lists.line !== undefined) {
      this.#lines.set(this.#taken, lists.line);
      this.#noteSource(lists.source);
    }
    if (keepsUnstarted) this.#unstarted.set(this.#taken, request);
    this.#taken += 1;
    return request;
  }

  #completed(input: RequestInput): RequestInput {
    const { more, lists } = this.#parts;
    if (more === undefined) return input;
    if (typeof input === 'object' && !(input instanceof URL)) return 'error' in input ? input : { ...more, ...input };
    const { line, source } = this.#isBeyondUrls ? lists : {};
    return { url: input, ...more, ...(line !== undefined && { line }), ...(source !== undefined && { source }) };
  }

  #noteSource(source: string | undefined): void {
    if (source === undefined || this.#sources.at(-1)?.source === source) return;
    this.#sources.push({ from: this.#taken, source });
  }

  async #nextInput(): Promise<RequestInput | undefined> {
    const url = this.#isBeyondUrls ? undefined : this.#urls.next();
    this.#isBeyondUrls ||= url?.done === true;
    const input = url === undefined || url.done === true ? await this.#nextItem() : url.value;
    if (input !== undefined) this.#read += 1;
    return input;
  }

  async #nextItem(): Promise<RequestInput | undefined> {
    this.#isAwaited = true;
    try {
      const { done, value } = await this.#items.next();
      if (!done) return value;
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      if (!this.#isStopped) this.#failure = error;
    } finally {
      this.#isAwaited = false;
    }
    this.#isAtEnd = true;
    return undefined;
  }
}
