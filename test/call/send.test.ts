import { describe, expect, test } from 'vitest';
import { systemClock } from '../../src/async/clock.ts';
import { Call, type CallQueue } from '../../src/call/call.ts';
import { cancelled, failed, type Outcome } from '../../src/call/outcome.ts';
import { onOutcome, type Send } from '../../src/call/send.ts';
import { parseRequest } from '../../src/http/request.ts';
import { FetchError } from '../../src/index.ts';

const noQueue: CallQueue = {
  clock: systemClock,
  release: () => undefined,
  acquire: () => Promise.resolve(),
  move: () => Promise.resolve(),
};

function newCall(): Call {
  const request = parseRequest('http://a.test/', []);
  if ('error' in request) throw request.error;
  return new Call(request, 0, 0, noQueue);
}

const reset = failed(new FetchError('CONN_RESET', 'reset'));

describe('onOutcome()', () => {
  test('passes an outcome on in the same call', () => {
    const send: Send = (_request, _call, done) => done(cancelled);
    const call = newCall();
    const outcomes: Outcome[] = [];
    onOutcome((outcome) => outcome)(send)(call.request, call, (outcome) => outcomes.push(outcome));
    expect(outcomes).toEqual([cancelled]);
  });

  test('delivers the outcome of a promise in place of the first one', async () => {
    const send: Send = (_request, _call, done) => done(reset);
    const call = newCall();
    const outcome = await new Promise((resolve) =>
      onOutcome(async (first) => (first === reset ? cancelled : first))(send)(call.request, call, resolve),
    );
    expect(outcome).toBe(cancelled);
  });

  test('fails the call when the promise rejects', async () => {
    const send: Send = (_request, _call, done) => done(reset);
    const call = newCall();
    const outcome = await new Promise<Outcome>((resolve) => {
      call.finish = resolve;
      onOutcome(() => Promise.reject(new Error('oops')))(send)(call.request, call, resolve);
    });
    expect(outcome).toMatchObject({ kind: 'failure', error: { code: 'INTERNAL', cause: new Error('oops') } });
  });
});
