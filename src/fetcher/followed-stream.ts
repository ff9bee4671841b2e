import type { FetchResult } from '../http/result.ts';
import type { ResultStream } from './fetcher.ts';
import type { Following } from './following.ts';

/** The results of a run that grows: each is followed before it is yielded. */
export class FollowedStream implements ResultStream {
  readonly #results: ResultStream;
  readonly #following: Following;
  readonly #abort: (reason: unknown) => void;

  /** @param abort ends the run with what `follow` threw */
  constructor(results: ResultStream, following: Following, abort: (reason: unknown) => void) {
    this.#results = results;
    this.#following = following;
    this.#abort = abort;
  }

  async next(): Promise<IteratorResult<FetchResult, undefined>> {
    const step = await this.#results.next();
    if (step.done) return step;
    try {
      this.#following.settle(step.value);
    } catch (reason) {
      this.#abort(reason);
    }
    return step;
  }

  return(): Promise<IteratorResult<FetchResult, undefined>> {
    return this.#results.return!();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve(this.#results[Symbol.asyncDispose]());
  }
}
