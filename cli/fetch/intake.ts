import { InputError } from '../../src/inputs/input-error.ts';
import type { InputLines } from '../../src/inputs/open-lists.ts';
import type { RequestInput, RequestObject } from '../../src/http/request.ts';

/** What an {@link Intake} is made of. */
export interface IntakeParts {
  readonly urls: readonly string[];
  readonly lists: AsyncIterable<string> & Partial<InputLines>;
  /** Whether one of the lists is standard input. */
  readonly readsStdin: boolean;
  /** What goes with each URL. */
  readonly more?: Omit<RequestObject, 'url'> | undefined;
  /** Which of them are left to do. */
  readonly isPending?: ((request: RequestInput) => boolean) | undefined;
}

/**
 * The requests of a run, as far as they are left to do: first the URLs of the command line, then those of the lists; counted,
 * so that in the end it can be said how many there were. A list that breaks off ends it: what came before is still fetched.
 */
export class Intake implements AsyncIterable<RequestInput> {
  /** Whether one of the lists is standard input. */
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

  /** How many have been taken. */
  get taken(): number {
    return this.#taken;
  }

  /** Whether there are no more. */
  get isAtEnd(): boolean {
    return this.#isAtEnd;
  }

  /** Whether somebody waits for the next one, and the lists for more to come. */
  get isAwaited(): boolean {
    return this.#isAwaited;
  }

  /** How many there are in all, those included that were done before; undefined while that cannot even be estimated. */
  get total(): { readonly count: number; readonly isExact: boolean } | undefined {
    if (this.#isAtEnd) return { count: this.#read, isExact: true };
    const lines = this.#lists.expected;
    return lines === undefined ? undefined : { count: Math.max(this.#read, this.#urls.length + lines), isExact: false };
  }

  /** Why a list broke off. */
  get failure(): InputError | undefined {
    return this.#failure;
  }

  /** It has no `return()`: a run that was stopped lets go of it, but the rest may still have to be counted. */
  [Symbol.asyncIterator](): AsyncIterator<RequestInput, undefined> {
    return { next: () => this.#next() };
  }

  /** Takes the rest and throws it away, to count it, as far as it comes in time; of standard input there is no rest. */
  async countRest(withinMs: number): Promise<void> {
    if (this.readsStdin) return;
    const end = performance.now() + withinMs;
    while (!this.#isAtEnd && performance.now() < end) {
      const url = await this.#nextUrl();
      if (url !== undefined) this.#take(url);
    }
  }

  /** Lets go of the lists, also of one that is silent. */
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

  /** Undefined if it is done already. */
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
