import { hash } from 'node:crypto';
import { iteratorOf, type Source } from '../async/run.ts';
import { complaint, requireInteger, shown } from '../check.ts';
import { Fifo } from '../collections/fifo.ts';
import { parseRequest, type RequestInput } from '../http/request.ts';
import type { FetchResult } from '../http/result.ts';
import { wholeOf, type WholeList } from '../http/whole-list.ts';

/** Options of `asCompleted()` for work that grows while it is done. */
export interface FollowOptions {
  /**
   * Called with each result before it is yielded; what it returns joins the run, under the same limits and before the rest of the
   * input. A text that is no URL of its own, such as `/items?page=2`, is resolved against the URL that answered; `null` adds nothing. The run ends when nothing waits, runs or is unread. If it throws, the run is aborted with what it threw.
   *
   * @default nothing is followed
   */
  readonly follow?: (result: FetchResult) => RequestInput | Iterable<RequestInput> | null | undefined;
  /** The most requests that `follow` adds to a run: an integer of at least 0. Further ones are dropped. @default 10_000 */
  readonly maxFollowed?: number;
  /** Drops what `follow` returns if this run has that request already. Fragments do not count. @default true */
  readonly unique?: boolean;
}

type Follow = NonNullable<FollowOptions['follow']>;

/** Checks the options; undefined if nothing is followed. Throws a `TypeError` or a `RangeError`. */
export function resolveFollow(options: FollowOptions): Required<FollowOptions> | undefined {
  const { follow, maxFollowed = 10_000, unique = true } = options;
  if (typeof unique !== 'boolean') throw new TypeError(complaint('fetch', 'unique', 'true or false', unique));
  requireInteger('fetch', 'maxFollowed', maxFollowed, 0);
  if (follow === undefined) return undefined;
  if (typeof follow !== 'function') throw new TypeError(complaint('fetch', 'follow', 'a function', follow));
  return { follow, maxFollowed, unique };
}

/** A request that waits to join the run, and the index of the result that led to it. */
interface Followed {
  readonly input: RequestInput;
  readonly from: number;
}

/** The input of a run that grows: seeds, and what their results lead to. It ends when no result is open any more. */
export class Following implements AsyncIterable<RequestInput> {
  readonly #follow: Follow;
  readonly #whole: WholeList | undefined;
  readonly #seen: Set<string> | undefined;
  readonly #queue = new Fifo<Followed>();
  /** Requests that `follow` may still add. */
  #left: number;
  #seeds: Iterator<RequestInput> | AsyncIterator<RequestInput> | undefined;
  /** The seed that is being waited for. */
  #step: Promise<IteratorResult<RequestInput>> | undefined;
  #given = 0;
  #open = 0;
  #hasLeft = false;
  #wake = Promise.withResolvers<undefined>();
  /** Where the followed requests in progress come from, by their index. */
  readonly #origins = new Map<number, number>();

  constructor(seeds: Source<RequestInput>, { follow, maxFollowed, unique }: Required<FollowOptions>) {
    this.#follow = follow;
    this.#left = maxFollowed;
    this.#seen = unique ? new Set() : undefined;
    this.#whole = wholeOf(seeds);
    this.#seeds = iteratorOf(this.#whole?.lines ?? seeds);
    for (const { url, from } of this.#whole?.followed ?? []) this.#add(url, from);
  }

  [Symbol.asyncIterator](): AsyncIterator<RequestInput, undefined> {
    return { next: () => this.#next(), return: async () => this.#leave() };
  }

  /** True if a later run of a journal may ask for what this one has not followed. */
  get isOfJournal(): boolean {
    return this.#whole !== undefined;
  }

  /** Follows one result, and notes where it comes from. What `follow` throws is thrown. */
  settle(result: FetchResult): void {
    const { index } = result;
    const from = this.#origins.get(index);
    this.#origins.delete(index);
    if (from !== undefined) Object.assign(result, { from });
    const followed = this.#followed(result);
    if (followed.length > 0) Object.assign(result, { followed });
    this.#open -= 1;
    this.#wakeUp();
  }

  /** Adds what a result leads to, and returns the URLs of that. */
  #followed(result: FetchResult): string[] {
    // A later run asks for it again.
    const given = result.kind === 'cancelled' ? undefined : this.#follow(result);
    const from = this.#whole?.indexOf(result.index) ?? result.index;
    const urls: string[] = [];
    for (const followed of inputsOf(given)) {
      // The input may be without end.
      if (this.#left <= 0) break;
      const input = absolute(followed, result);
      const url = this.#whole === undefined ? shownUrl(input) : plainUrl(input);
      if (this.#add(input, from)) urls.push(url);
    }
    return urls;
  }

  /** Adds a request. Returns false if there are too many, or if the run has it already. */
  #add(input: RequestInput, from: number): boolean {
    if (this.#left <= 0 || this.#isKnown(input)) return false;
    this.#left -= 1;
    this.#queue.push({ input, from });
    return true;
  }

  #isKnown(input: RequestInput): boolean {
    const key = this.#seen && keyOf(input);
    if (this.#seen === undefined || key === undefined) return false;
    const { size } = this.#seen;
    return this.#seen.add(key).size === size;
  }

  async #next(): Promise<IteratorResult<RequestInput, undefined>> {
    // The lines of a journal come first, so that a later run counts them alike.
    let mayFollow = this.#whole === undefined;
    while (!this.#hasLeft) {
      const followed = mayFollow || this.#seeds === undefined ? this.#queue.shift() : undefined;
      if (followed !== undefined) {
        if (this.#isPending(followed.input)) return this.#give(followed.input, followed.from);
      } else if (this.#seeds !== undefined) {
        const seed = await this.#nextSeed(this.#seeds);
        if (seed !== undefined && this.#isPending(seed.input)) return this.#give(seed.input);
        mayFollow ||= seed === undefined;
      } else if (this.#open === 0) break;
      else await this.#sleep();
    }
    return { done: true, value: undefined };
  }

  /** Resolves with undefined if there are no more, or if something is to be followed first. */
  async #nextSeed(
    seeds: Iterator<RequestInput> | AsyncIterator<RequestInput>,
  ): Promise<{ input: RequestInput } | undefined> {
    this.#step ??= Promise.resolve(seeds.next());
    const step = await Promise.race([this.#step, this.#wake.promise]);
    if (step === undefined) {
      this.#wake = Promise.withResolvers();
      return undefined;
    }
    this.#step = undefined;
    if (step.done) {
      this.#seeds = undefined;
      return undefined;
    }
    this.#isKnown(step.value);
    return { input: step.value };
  }

  #isPending(input: RequestInput): boolean {
    return this.#whole?.isPending(input) ?? true;
  }

  #give(input: RequestInput, from?: number): IteratorResult<RequestInput, undefined> {
    if (from !== undefined) this.#origins.set(this.#given, from);
    this.#given += 1;
    this.#open += 1;
    return { done: false, value: input };
  }

  async #sleep(): Promise<void> {
    await this.#wake.promise;
    this.#wake = Promise.withResolvers();
  }

  #wakeUp(): void {
    this.#wake.resolve(undefined);
  }

  #leave(): IteratorResult<RequestInput, undefined> {
    this.#hasLeft = true;
    const seeds = this.#seeds;
    this.#seeds = undefined;
    this.#wakeUp();
    // Nobody waits for it: it may itself wait for ever.
    void Promise.resolve(seeds?.return?.()).catch(() => {});
    this.#step?.catch(() => {});
    return { done: true, value: undefined };
  }
}

function inputsOf(given: ReturnType<Follow>): Iterable<RequestInput> {
  if (given === undefined || given === null) return [];
  if (typeof given === 'string') return [given];
  if (typeof given !== 'object' || 'then' in given || Symbol.asyncIterator in given)
    throw new TypeError(`'follow' must return a request, an iterable of requests, or undefined: got ${shown(given)}`);
  return Symbol.iterator in given ? given : [given];
}

/** Resolves a relative URL against the page that named it. */
function absolute(input: RequestInput, page: FetchResult): RequestInput {
  const base = 'finalUrl' in page ? page.finalUrl : page.url;
  if (typeof input === 'string') return absoluteUrl(input, base);
  if (input instanceof URL || typeof input.url !== 'string' || 'error' in input || input.defaultScheme !== undefined)
    return input;
  const resolved = absoluteUrl(input.url, base);
  return resolved === input.url ? input : { ...input, url: resolved };
}

/** A URL with a scheme, and a text that is no URL at all, stay as they are: their own record says what is wrong. */
function absoluteUrl(text: string, base: string): string {
  return text === '' || /\s/.test(text) || URL.canParse(text) ? text : (URL.parse(text, base)?.href ?? text);
}

/** Returns what identifies a request; undefined for one that cannot be sent, each of which has a result of its own. */
function keyOf(input: RequestInput): string | undefined {
  const request = parseRequest(input, []);
  if ('error' in request) return undefined;
  const { method, origin, path, bodyHash = '', headersHash = '' } = request;
  return hash('sha256', JSON.stringify([method, origin + path, bodyHash, headersHash]), 'base64').slice(0, 22);
}

function shownUrl(input: RequestInput): string {
  return parseRequest(input, []).url;
}

/** A journal keeps followed requests as URLs, and a later run makes them of these. */
function plainUrl(input: RequestInput): string {
  const url = typeof input === 'string' ? input : input instanceof URL ? input.href : undefined;
  if (url !== undefined && shownUrl(url) === url) return url;
  throw new TypeError(
    `Cannot follow ${shown(shownUrl(input))} as the list is that of a journal: it can keep URLs only, without a password`,
  );
}
