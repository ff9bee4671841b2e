import type { Call, Stoppable } from '../call/call.ts';
import { failed, type Done, type Outcome } from '../call/outcome.ts';
import { cancelledResult } from '../call/results.ts';
import { sendAsync, type Policy, type Send } from '../call/send.ts';
import { shown } from '../check.ts';
import { FetchError } from '../http/error.ts';
import type { HeadersInput } from '../http/headers.ts';
import { hookError } from '../http/own-function.ts';
import { parseAnyRequest, plainRequest, requireKnownFields, type FetchRequest } from '../http/request.ts';
import type { FetchResult } from '../http/result.ts';
import { transportRequest } from '../transports/custom/transport-request.ts';
import type { TransportResponse } from '../transports/custom/transport.ts';
import { resultOf } from './settle.ts';

/** A request as a hook gets it. Its user info has become a header. */
export interface HookRequest {
  /** The absolute URL, without user info and fragment. */
  readonly url: string;
  /** The method in upper case. */
  readonly method: string;
  /** Names in lower case; repeated values are joined. */
  readonly headers: Readonly<Record<string, string>>;
  /** The bytes to send; undefined if the request has no body. */
  readonly body: Uint8Array | undefined;
}

/** A request as a hook passes it on. The origin of its URL must be that of the request it got. */
export interface NextRequest {
  readonly url: string | URL;
  /** @default 'GET' */
  readonly method?: string;
  /** All of them: those of the request it got are not added. @default none */
  readonly headers?: HeadersInput;
  /** @default no body */
  readonly body?: string | Uint8Array | undefined;
}

/** Third argument of {@link Around}. */
export interface AroundContext {
  /** Aborted once the answer is no longer wanted: after a time limit or a cancellation. Its reason says why. */
  readonly signal: AbortSignal;
  /** Attempts so far: in `aroundSend` the present one included, from 1; in `around` 0, before `next()`. */
  readonly attempt: number;
}

/** An answer of a hook: a result of `next()` or of another request; a response of its own; or an error, which fails the request. */
export type HookAnswer = FetchResult | TransportResponse | FetchError;

/**
 * Wraps a request: passes it on with `next()`, changed or not, and returns its result, or another one. `next()` may be called
 * again once it has answered, or not at all. What the function throws is a failure with the code `HOOK_FAILED`.
 *
 * @example
 * ```ts
 * const log: Around = async (request, next) => {
 *   const result = await next(request);
 *   console.log(request.method, request.url, result.kind);
 *   return result;
 * };
 * ```
 */
export type Around = (
  request: HookRequest,
  next: (request: NextRequest) => Promise<FetchResult>,
  context: AroundContext,
) => HookAnswer | Promise<HookAnswer>;

/** Reads a response that no network brought, under all limits. */
export type Replay = (response: TransportResponse, request: FetchRequest, call: Call, done: Done) => void;

/** The means of {@link around}. */
export interface AroundMeans {
  /** `around`: the whole request. `aroundSend`: one message. */
  readonly place: 'around' | 'aroundSend';
  readonly isExpected: (status: number) => boolean;
  readonly replay: Replay;
}

/** Calls a function of the caller's in place of the policies inside, which it reaches by `next()`. */
export const around =
  (hook: Around, means: AroundMeans): Policy =>
  (send) =>
  (request, call, done) =>
    new Passage({ hook, means, send, request, call, done }).begin();

interface PassageParts {
  readonly hook: Around;
  readonly means: AroundMeans;
  readonly send: Send;
  readonly request: FetchRequest;
  readonly call: Call;
  readonly done: Done;
}

/** One request on its way through one hook. Settles once, whatever the hook does. */
class Passage implements Stoppable {
  readonly #parts: PassageParts;
  readonly #call: Call;
  readonly #interruptions: number;
  readonly #shown: HookRequest;
  /** The outcomes that the hook got as results. */
  readonly #outcomes = new Map<FetchResult, Outcome>();
  #controller: AbortController | undefined;
  #isSending = false;
  /** What the hook answered while `next()` was still at work. */
  #early: Outcome | TransportResponse | undefined;
  #isSettled = false;

  constructor(parts: PassageParts) {
    this.#parts = parts;
    this.#call = parts.call;
    this.#interruptions = parts.call.interruptions;
    const { url, method, headers, body } = transportRequest(parts.request);
    this.#shown = { url, method, headers, body };
  }

  begin(): void {
    this.#call.begin(this);
    if (!this.#isSettled) void this.#ask();
  }

  /** Ends the wait for the hook. While `next()` is at work, its step is stopped, and not this one. */
  stop(reason: unknown): void {
    this.#settle(this.#call.outcomeOfStop(reason));
  }

  async #ask(): Promise<void> {
    let answer: Outcome | TransportResponse;
    try {
      answer = this.#read(await this.#parts.hook(this.#shown, this.#next, this.#context()));
    } catch (cause) {
      answer = failed(hookError(this.#name, cause));
    }
    if (this.#isSettled) return;
    if (!this.#isSending) return this.#answer(answer);
    // Nothing may be sent any more once the request has its result.
    this.#early = answer;
    this.#call.interrupt(new FetchError('HOOK_FAILED', `${this.#name} did not wait for next()`));
    // The hooks around this one have no part in it.
    this.#call.interruptions -= 1;
  }

  #context(): AroundContext {
    const signalOf = (): AbortSignal => this.#signal;
    return {
      // Made on demand: few hooks use it.
      get signal() {
        return signalOf();
      },
      attempt: this.#call.attempts,
    };
  }

  get #signal(): AbortSignal {
    this.#controller ??= new AbortController();
    return this.#controller.signal;
  }

  get #name(): string {
    return `A function of '${this.#parts.means.place}'`;
  }

  readonly #next = (given: NextRequest): Promise<FetchResult> => {
    const result = this.#sendNext(given);
    // The hook may not look at it any more.
    result.catch(() => {});
    return result;
  };

  async #sendNext(given: NextRequest): Promise<FetchResult> {
    if (this.#isSettled) return cancelledResult(this.#call, this.#call.reason);
    if (this.#isSending) throw new Error('next() must not be called again before it has answered');
    const request = this.#requestOf(given);
    this.#isSending = true;
    this.#call.end();
    const outcome = await this.#sendOrQueue(request);
    this.#isSending = false;
    this.#call.begin(this);
    if (this.#early !== undefined) this.#answer(this.#early);
    else if (this.#isFinal(outcome)) this.#settle(outcome);
    const result = this.#resultOf(outcome);
    this.#outcomes.set(result, outcome);
    return result;
  }

  /** A whole request that is made once more waits for a slot like any other. */
  async #sendOrQueue(request: FetchRequest): Promise<Outcome> {
    const { send, means } = this.#parts;
    const call = this.#call;
    if (means.place === 'around' && this.#outcomes.size > 0) {
      try {
        await call.queue.move(call, call.request);
      } catch (reason) {
        return call.outcomeOfStop(reason);
      }
    }
    return sendAsync(send, request, call);
  }

  /** Tells whether the call was stopped inside `next()`: then the hook is not waited for. */
  #isFinal(outcome: Outcome): boolean {
    if (outcome.kind !== 'failure') return outcome.kind === 'cancelled';
    // The time limit of one attempt leaves the whole request a chance.
    if (this.#parts.means.place === 'around') return outcome.error.code === 'DEADLINE';
    return this.#call.interruptions !== this.#interruptions;
  }

  #requestOf(given: NextRequest): FetchRequest {
    const { request } = this.#parts;
    if (given === this.#shown) return request;
    if (typeof given !== 'object' || given === null)
      throw new TypeError(`next() must be given a request: got ${shown(given)}`);
    requireKnownFields(given, ['url', 'method', 'headers', 'body']);
    const { body, ...rest } = given;
    const parsed = parseAnyRequest(body === undefined ? rest : { ...rest, body }, []);
    if ('error' in parsed) throw parsed.error;
    if (parsed.origin !== request.origin) {
      throw new TypeError(`next() must stay at ${request.origin}: got ${parsed.origin}`);
    }
    const { method, path, headers, body: bytes } = parsed;
    return { ...plainRequest(request), part: request.part, method, path, headers, body: bytes };
  }

  #resultOf(outcome: Outcome): FetchResult {
    const isExpected = this.#call.request.limits?.isExpected ?? this.#parts.means.isExpected;
    return resultOf(outcome, this.#call, isExpected);
  }

  /** Reads what the hook answered. Throws if it is nothing that can be used. */
  #read(answer: HookAnswer): Outcome | TransportResponse {
    if (answer instanceof FetchError) return failed(answer);
    if (typeof answer !== 'object' || answer === null) throw new TypeError(`it gave no result, but ${shown(answer)}`);
    if (!('kind' in answer)) return answer;
    const own = this.#outcomes.get(answer);
    if (own === undefined) return outcomeOfOther(answer);
    if (own.kind === 'response' && own.writer !== undefined && own.writer !== this.#call.writer) {
      throw new Error('its result has no body any more, since next() was called again');
    }
    return own;
  }

  #answer(answer: Outcome | TransportResponse): void {
    if ('kind' in answer) return this.#settle(answer);
    const { request, means } = this.#parts;
    this.#call.end();
    means.replay(answer, request, this.#call, (outcome) => this.#settle(outcome));
  }

  #settle(outcome: Outcome): void {
    if (this.#isSettled) return;
    this.#isSettled = true;
    this.#call.end();
    this.#controller?.abort(outcome.kind === 'failure' ? outcome.error : this.#call.reason);
    try {
      this.#parts.done(outcome);
    } catch (cause) {
      this.#call.fail(cause);
    }
  }
}

/** Takes the result of another request, as a cache gives it. */
function outcomeOfOther(result: FetchResult): Outcome | TransportResponse {
  if (result.kind === 'failure') return failed(result.error);
  if (result.kind === 'cancelled') throw new Error('it gave the cancelled result of another request');
  const { status, headers, complete } = result;
  return { status, headers, body: result.bytes(), complete, decoded: true };
}
