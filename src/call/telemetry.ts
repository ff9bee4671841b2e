import { AsyncLocalStorage } from 'node:async_hooks';
import { channel } from 'node:diagnostics_channel';
import type { FetchResult } from '../http/result.ts';
import type { Call } from './call.ts';
import type { Outcome } from './outcome.ts';

const started = channel('fetchmany:request:start');
const attempted = channel('fetchmany:request:attempt');
const retried = channel('fetchmany:request:retry');
const ended = channel('fetchmany:request:end');
const sent = channel('undici:request:create');

/**
 * A request as the channels `fetchmany:request:*` show it: the same object in each message about it, so that a listener can keep
 * what it knows in a `WeakMap`.
 */
export interface TracedRequest {
  /** Position in the input, from 0. */
  readonly index: number;
  /** The URL as given; a password is shown as `***`. */
  readonly url: string;
  readonly method: string;
  readonly id: string | undefined;
  /**
   * Set by a listener of `fetchmany:request:start`. It is called for each message that is sent, and must call `create` at once:
   * what listens to `undici:request:create` then runs in its context.
   */
  within?: ((create: () => void) => void) | undefined;
}

/** Message of `fetchmany:request:start`: the request is about to be sent for the first time. */
export interface RequestStart {
  readonly request: TracedRequest;
  /** Milliseconds that it waited in our own queue. */
  readonly queuedMs: number;
}

/** Message of `fetchmany:request:attempt`: an attempt begins, the first one included. */
export interface RequestAttempt {
  readonly request: TracedRequest;
  /** From 1. */
  readonly attempt: number;
}

/** Message of `fetchmany:request:retry`: an attempt was in vain, and there will be another. */
export interface RequestRetry {
  readonly request: TracedRequest;
  /** The attempt that was in vain, from 1. */
  readonly attempt: number;
  /** Milliseconds until the request queues again. */
  readonly waitMs: number;
  /** The status of the response, if there was one. */
  readonly status: number | undefined;
  /** The error, if there was no response. */
  readonly error: Error | undefined;
}

/** Message of `fetchmany:request:end`: the request has its result. */
export interface RequestEnd {
  readonly request: TracedRequest;
  readonly result: FetchResult;
}

/** Runs a function in an asynchronous context that was captured. */
export type RunInContext = <Result>(run: () => Result) => Result;

/** True while anybody listens to one of our channels, or to the first of undici's. */
function isListenedTo(): boolean {
  return (
    started.hasSubscribers ||
    ended.hasSubscribers ||
    attempted.hasSubscribers ||
    retried.hasSubscribers ||
    sent.hasSubscribers
  );
}

/** Captures the context of the caller, who may be a span's child. A request is sent later, in the context of another one. */
export function captureContext(): RunInContext | undefined {
  return isListenedTo() ? AsyncLocalStorage.snapshot() : undefined;
}

/** Publishes that a call is about to be sent for the first time. */
export function traceStart(call: Call): void {
  if (!isListenedTo()) return;
  const { url, method, id } = call.request;
  const request: TracedRequest = { index: call.index, url, method, id };
  call.trace = request;
  const message: RequestStart = { request, queuedMs: call.startedAt - call.queuedAt };
  if (started.hasSubscribers) inContext(call, () => started.publish(message));
}

/** Publishes that an attempt begins. */
export function traceAttempt({ trace, attempts }: Call): void {
  if (trace === undefined || !attempted.hasSubscribers) return;
  const message: RequestAttempt = { request: trace, attempt: attempts };
  attempted.publish(message);
}

/** Publishes that a call will be sent once more. */
export function traceRetry({ trace, attempts }: Call, waitMs: number, outcome: Outcome): void {
  if (trace === undefined || !retried.hasSubscribers) return;
  const status = outcome.kind === 'response' ? outcome.status : undefined;
  const error = outcome.kind === 'failure' ? outcome.error : undefined;
  const message: RequestRetry = { request: trace, attempt: attempts, waitMs, status, error };
  retried.publish(message);
}

/** Publishes the result of a call. */
export function traceEnd({ trace }: Call, result: FetchResult): void {
  if (trace === undefined || !ended.hasSubscribers) return;
  const message: RequestEnd = { request: trace, result };
  ended.publish(message);
}

/** Runs a function in the context that a call was made in, and within what a listener has set. */
export function inContext({ context, trace }: Call, run: () => void): void {
  const within = trace?.within;
  const inside = within === undefined ? run : () => within(run);
  try {
    if (context === undefined) inside();
    else context(inside);
  } catch (cause) {
    // As an exception of any listener: it ends the process, if nobody minds it, and does no harm to the request.
    process.nextTick(() => {
      throw cause;
    });
  }
}
