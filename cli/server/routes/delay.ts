import { type Exchange, queryOf } from '../exchange.ts';
import { decimal, wholeNumber } from '../number.ts';
import { pause } from '../pause.ts';
import { sendJson, sendPieces, sendText } from '../respond.ts';
import { factsWithBodyOf } from './echo.ts';
import { toStatus } from './status.ts';

const maxSeconds = 60;
const maxDripBytes = 10_000_000;
const minGapMs = 5;

/** Answers after the number of seconds in the path. */
export async function delay(exchange: Exchange): Promise<void> {
  const waitMs = seconds('seconds', exchange.parameters.seconds);
  const facts = await factsWithBodyOf(exchange);
  await pause(exchange, waitMs);
  sendJson(exchange, facts);
}

/** Sends the response headers after the number of seconds in the path. */
export async function slowHeaders(exchange: Exchange): Promise<void> {
  await pause(exchange, seconds('seconds', exchange.parameters.seconds));
  sendText(exchange, 'The headers of this response were delayed.\n');
}

/** Sends the headers after `delay` seconds, then a body spread evenly over `duration` seconds. */
export async function drip(exchange: Exchange): Promise<void> {
  const query = queryOf(exchange);
  const durationMs = seconds('duration', query.get('duration') ?? '2');
  const length = wholeNumber('numbytes', query.get('numbytes') ?? '10', { max: maxDripBytes });
  const status = toStatus(query.get('code') ?? '200');
  await pause(exchange, seconds('delay', query.get('delay') ?? '0'));
  await sendPieces(exchange, drops(exchange, length, durationMs), { status, headers: { 'Content-Length': length } });
}

function seconds(name: string, text: string | undefined): number {
  return decimal(name, text, { max: maxSeconds }) * 1000;
}

async function* drops(exchange: Exchange, length: number, durationMs: number): AsyncGenerator<Buffer> {
  exchange.response.flushHeaders();
  const start = performance.now();
  const count = Math.min(length, Math.max(1, Math.floor(durationMs / minGapMs)));
  for (let drop = 1; drop <= count; drop += 1) {
    // Counted from the start, not from the previous drop: timers are late, and the delays would add up.
    await pause(exchange, Math.max(0, start + (durationMs * drop) / count - performance.now()));
    const bytes = Math.floor((length * drop) / count) - Math.floor((length * (drop - 1)) / count);
    yield Buffer.alloc(bytes, '*');
  }
}
