import { type Exchange, type Handler, queryOf } from '../exchange.ts';
import { probability, wholeNumber } from '../number.ts';
import { randomFrom, seedOf } from '../random.ts';
import { sendEmpty, sendText } from '../respond.ts';

/**
 * Answers 429 with `Retry-After` to the first `times` (default 1) requests of each `key` (default: the path), then 200.
 */
export function retryAfter(): Handler {
  const refusals = new Map<string, number>();
  return (exchange) => {
    const query = queryOf(exchange);
    const seconds = wholeNumber('seconds', exchange.parameters.seconds);
    const times = wholeNumber('times', query.get('times') ?? '1');
    const key = query.get('key') ?? exchange.path;
    const refused = refusals.get(key) ?? 0;
    if (refused >= times) return sendText(exchange, `Welcome, after ${refused} refusals.\n`);
    refusals.set(key, refused + 1);
    return sendText(exchange, 'Too many requests\n', { status: 429, headers: { 'Retry-After': seconds } });
  };
}

/**
 * Answers 503 with the probability in the path. Requests with a `key` get the same sequence of answers in every run.
 */
export function flaky(): Handler {
  const sequences = new Map<string, () => number>();
  return (exchange) => {
    const failing = probability('probability', exchange.parameters.probability);
    const key = queryOf(exchange).get('key');
    const random = key === null ? Math.random : (sequences.get(key) ?? randomFrom(seedOf(key)));
    if (key !== null) sequences.set(key, random);
    if (random() < failing) return sendText(exchange, 'Failed this time\n', { status: 503 });
    return sendText(exchange, 'Succeeded this time\n');
  };
}

/** Answers 500 with the probability `failure_rate`. */
export function unstable(exchange: Exchange): void {
  const failing = probability('failure_rate', queryOf(exchange).get('failure_rate') ?? '0.5');
  sendEmpty(exchange, { status: Math.random() < failing ? 500 : 200 });
}
