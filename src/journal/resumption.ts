import { visibleRequest, type RequestInput } from '../http/request.ts';
import type { FetchResult } from '../http/result.ts';
import { wholeList, type FollowedUrl, type WholeList } from '../http/whole-list.ts';
import { Ledger } from './ledger.ts';
import { textsOf, type Entry, type SavedBody } from './record-line.ts';

/** Which requests with a record are made again. */
export interface ResumptionOptions {
  /**
   * Also makes requests again whose result was not `ok`. Cancelled requests always are.
   * @default false
   */
  readonly retryFailed?: boolean;
  /**
   * Tells whether the file that a record names still holds the body. If not, its request is sent again.
   * @default true for every record
   */
  readonly isSaved?: (saved: SavedBody) => boolean;
}

/** Continues a list: skips the lines that are done by the records of earlier runs. */
export class Resumption {
  readonly #ledger = new Ledger();
  readonly #retryFailed: boolean;
  readonly #isSaved: (saved: SavedBody) => boolean;
  /** The index in the list of each pending request without a result yet, by its number among the pending. */
  readonly #indexes = new Map<number, number>();
  readonly #followed: FollowedUrl[] = [];
  #taken = 0;
  #pending = 0;
  #notOk = 0;

  constructor({ retryFailed = false, isSaved = () => true }: ResumptionOptions = {}) {
    this.#isSaved = isSaved;
    this.#retryFailed = retryFailed;
  }

  /** Number of lines of the list that were done already. */
  get done(): number {
    return this.#taken - this.#pending;
  }

  /** Number of lines done already whose result was not ok. */
  get notOk(): number {
    return this.#notOk;
  }

  /** Adds a record of an earlier run. */
  add({ texts, index, state, saved, followed = [] }: Entry): void {
    const isOpen = (this.#retryFailed && state === 'not ok') || (saved !== undefined && !this.#isSaved(saved));
    this.#ledger.add(texts, index, isOpen ? 'open' : state);
    // What is asked for again leads there again.
    if (isOpen || state === 'open') return;
    for (const url of followed) this.#followed.push({ url, from: index });
  }

  /** Takes the next line of the list, and tells whether it is still to be fetched. */
  isPending(input: RequestInput): boolean {
    const verdict = this.#ledger.take(textsOf(visibleRequest(input)), this.#taken);
    this.#taken += 1;
    if ('done' in verdict) {
      if (verdict.done === 'not ok') this.#notOk += 1;
      return false;
    }
    this.#indexes.set(this.#pending, verdict.index);
    this.#pending += 1;
    return true;
  }

  /** Returns the index in the whole list of a request that is numbered among the pending ones. */
  indexOf(place: number): number {
    return this.#indexes.get(place) ?? place;
  }

  /** Returns the rest of a list. It can be read once. */
  pending(
    inputs: Iterable<RequestInput> | AsyncIterable<RequestInput>,
  ): AsyncIterable<RequestInput> & { readonly [wholeList]: WholeList } {
    const whole: WholeList = {
      lines: inputs,
      followed: this.#followed,
      isPending: (request) => this.isPending(request),
      indexOf: (place) => this.indexOf(place),
    };
    return { [Symbol.asyncIterator]: () => this.#iterate(inputs), [wholeList]: whole };
  }

  /** Replaces the index of a result, which counts pending requests, by the index in the whole list. */
  renumber(result: FetchResult): FetchResult {
    const index = this.#indexes.get(result.index);
    if (index === undefined) return result;
    this.#indexes.delete(result.index);
    return Object.assign(result, { index });
  }

  /** A hand-written iterator: `return()` must work while `next()` waits or skips done lines. */
  #iterate(inputs: Iterable<RequestInput> | AsyncIterable<RequestInput>): AsyncIterator<RequestInput, undefined> {
    const iterator = iteratorOf(inputs);
    const reader = { hasLeft: false };
    return {
      next: async () => {
        while (!reader.hasLeft) {
          const step = iterator.next();
          const { done, value } = 'then' in step ? await step : step;
          if (done) break;
          if (this.isPending(value)) return { done: false, value };
        }
        return { done: true, value: undefined };
      },
      return: async () => {
        reader.hasLeft = true;
        await iterator.return?.();
        return { done: true, value: undefined };
      },
    };
  }
}

function iteratorOf(
  inputs: Iterable<RequestInput> | AsyncIterable<RequestInput>,
): Iterator<RequestInput> | AsyncIterator<RequestInput> {
  const source = inputs as Iterable<RequestInput> & AsyncIterable<RequestInput>;
  return source[Symbol.asyncIterator]?.() ?? source[Symbol.iterator]();
}
