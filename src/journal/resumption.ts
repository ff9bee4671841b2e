import { visibleRequest, type RequestInput } from '../http/request.ts';
import type { FetchResult } from '../http/result.ts';
import { Ledger } from './ledger.ts';
import { textsOf, type Entry, type SavedBody } from './record-line.ts';

/** What is taken up again of what has a record. */
export interface ResumptionOptions {
  /**
   * Also what is not `ok`, and not only what was cancelled.
   * @default false
   */
  readonly retryFailed?: boolean;
  /**
   * Tells whether the file that a record names still holds the body. If not, its request is sent again.
   * @default true for every record
   */
  readonly isSaved?: (saved: SavedBody) => boolean;
}

/** Goes on with a list of which records of earlier runs say what is done. */
export class Resumption {
  readonly #ledger = new Ledger();
  readonly #retryFailed: boolean;
  readonly #isSaved: (saved: SavedBody) => boolean;
  /** By its place among what is pending: its index in the list. Of those only whose results have not come. */
  readonly #indexes = new Map<number, number>();
  #taken = 0;
  #pending = 0;
  #notOk = 0;

  constructor({ retryFailed = false, isSaved = () => true }: ResumptionOptions = {}) {
    this.#isSaved = isSaved;
    this.#retryFailed = retryFailed;
  }

  /** How many lines of the list were done already. */
  get done(): number {
    return this.#taken - this.#pending;
  }

  /** How many of these were not ok. */
  get notOk(): number {
    return this.#notOk;
  }

  /** Takes one record of an earlier run. */
  add({ texts, index, standing, saved }: Entry): void {
    const isOpen = (this.#retryFailed && standing === 'not ok') || (saved !== undefined && !this.#isSaved(saved));
    this.#ledger.add(texts, index, isOpen ? 'open' : standing);
  }

  /** Takes the next line of the list: whether it is left to do. */
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

  /** What is left of a list. To be read once. */
  pending(inputs: Iterable<RequestInput> | AsyncIterable<RequestInput>): AsyncIterable<RequestInput> {
    return { [Symbol.asyncIterator]: () => this.#iterate(inputs) };
  }

  /** Gives a result the index that its request has in the whole list; it was numbered among what was pending. */
  renumber(result: FetchResult): FetchResult {
    const index = this.#indexes.get(result.index);
    if (index === undefined) return result;
    this.#indexes.delete(result.index);
    return Object.assign(result, { index });
  }

  /** Written by hand: its reader may leave while it waits, or while there is nothing but what is done. */
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
