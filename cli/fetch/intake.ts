import { InputError } from '../../src/inputs/input-error.ts';
import type { InputLines } from '../../src/inputs/open-lists.ts';
import type { RequestInput, RequestObject } from '../../src/http/request.ts';

/** The parts of an {@link Intake}. */
export interface IntakeParts {
  readonly urls: readonly string[];
  readonly lists: AsyncIterable<string> & Partial<InputLines>;
  /** True if one of the lists is standard input. */
  readonly readsStdin: boolean;
  /** Fields that every request has besides its URL. */
  readonly more?: Omit<RequestObject, 'url'> | undefined;
  /** Tells whether a request is still to be made. */
  readonly isPending?: ((request: RequestInput) => boolean) | undefined;
}

/**
 * The pending requests of a run: the URLs of the command line, then those of the lists. Counts them. A list that cannot
 * be read to its end ends the input; what came before is still fetched.
 */
export class Intake implements AsyncIterable<RequestInput> {
  /** True if one of the lists is standard input. */
  readonly readsStdin: boolean;
  readonly #urls: readonly string[];
  readonly #lists: Partial<InputLines>;
  readonly #lines: AsyncIterator<string>;
  readonly #more: Omit<RequestObject, 'url'> | undefined;
  readonly #isPending: (request: RequestInput) => boolean;
  #read = 0;
  #taken = 0;
  #isAtEnd = false;
  #isAwaited = false;
  #failure: InputError | undefined;

  constructor({ urls, lists, readsStdin, more, isPending = () => true }: IntakeParts) {
    this.readsStdin = readsStdin;
    this.#urls = urls;
    this.#lists = lists;
    this.#lines = lists[Symbol.asyncIterator]();
    this.#more = more;
    this.#isPending = isPending;
  }

  /** Number of pending requests read so far. */
  get taken(): number {
    return this.#taken;
  }

  /** True once the input has ended. */
  get isAtEnd(): boolean {
    return this.#isAtEnd;
  }

  /** True while a consumer waits for the lists to deliver the next URL. */
  get isAwaited(): boolean {
    return this.#isAwaited;
  }

  /** Number of requests in all, including those done by earlier runs; undefined while it cannot be estimated. */
  get total(): { readonly count: number; readonly isExact: boolean } | undefined {
    if (this.#isAtEnd) return { count: this.#read, isExact: true };
    const lines = this.#lists.expected;
    return lines === undefined ? undefined : { count: Math.max(this.#read, this.#urls.length + lines), isExact: false };
  }

  /** The error that ended reading a list early. */
  get failure(): InputError | undefined {
    return this.#failure;
  }

  /** Has no `return()`: after a run was stopped, the rest may still have to be counted. */
  [Symbol.asyncIterator](): AsyncIterator<RequestInput, undefined> {
    return { next: () => this.#next() };
  }

  /** Reads and drops the rest to count it, for at most `withinMs` milliseconds. Does nothing for standard input. */
  async countRest(withinMs: number): Promise<void> {
    if (this.readsStdin) return;
    const end = performance.now() + withinMs;
    while (!this.#isAtEnd && performance.now() < end) {
      const url = await this.#nextUrl();
      if (url !== undefined) this.#take(url);
    }
  }

  /** Closes the lists, even one that is waiting for data. */
  close(): void {
    this.#isAtEnd = true;
    void this.#lines.return?.();
  }

  async #next(): Promise<IteratorResult<RequestInput, undefined>> {
    for (;;) {
      const url = await this.#nextUrl();
      if (url === undefined) return { done: true, value: undefined };
      const request = this.#take(url);
      if (request !== undefined) return { done: false, value: request };
    }
  }

  /** Returns undefined if the request is already done. */
  #take(url: string): RequestInput | undefined {
    const request = this.#more ? { url, ...this.#more } : url;
    if (!this.#isPending(request)) return undefined;
    this.#taken += 1;
    return request;
  }

  async #nextUrl(): Promise<string | undefined> {
    const url = this.#urls[this.#read] ?? (await this.#nextLine());
    if (url !== undefined) this.#read += 1;
    return url;
  }

  async #nextLine(): Promise<string | undefined> {
    this.#isAwaited = true;
    try {
      const { done, value } = await this.#lines.next();
      if (!done) return value;
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      this.#failure = error;
    } finally {
      this.#isAwaited = false;
    }
    this.#isAtEnd = true;
    return undefined;
  }
}
