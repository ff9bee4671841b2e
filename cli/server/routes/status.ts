import type { OutgoingHttpHeaders } from 'node:http';
import type { Exchange } from '../exchange.ts';
import { decimal, wholeNumber } from '../number.ts';
import { Refusal } from '../refusal.ts';
import { sendEmpty } from '../respond.ts';

const redirect = { Location: '/redirect/1' };
const headersByStatus = new Map<number, OutgoingHttpHeaders>([
  ...[301, 302, 303, 305, 307, 308].map((code) => [code, redirect] as const),
  [401, { 'WWW-Authenticate': 'Basic realm="Test"' }],
  [407, { 'Proxy-Authenticate': 'Basic realm="Test"' }],
]);

/** Answers with a status, as in `/status/404`, or one of a weighted list: `/status/200,500:0.3`. */
export function status(exchange: Exchange): void {
  const { statuses = '' } = exchange.parameters;
  const chosen = /[,:]/.test(statuses) ? choose(statuses.split(',').map(toChoice), Math.random()) : toStatus(statuses);
  sendEmpty(exchange, { status: chosen, headers: headersByStatus.get(chosen) ?? {} });
}

/** Parses a final status code (not 1xx), or answers 400. */
export function toStatus(text: string | undefined): number {
  // A 1xx is never final: the client would wait for another response.
  const code = wholeNumber('status', text, { min: 200 });
  if (code > 999) throw new Refusal(400, `Bad parameter 'status': must be from 200 to 999, got ${code}`);
  return code;
}

interface Choice {
  readonly status: number;
  readonly weight: number;
}

function toChoice(text: string): Choice {
  const [code, weight = '1', ...others] = text.split(':');
  if (others.length > 0) throw new Refusal(400, `Bad parameter 'status': more than one weight for ${toStatus(code)}`);
  return { status: toStatus(code), weight: decimal('weight', weight, { max: 1e9 }) };
}

function choose(choices: readonly Choice[], random: number): number {
  let left = random * choices.reduce((sum, { weight }) => sum + weight, 0);
  const chosen = choices.find(({ weight }) => (left -= weight) < 0);
  if (chosen === undefined) throw new Refusal(400, `Bad parameter 'weight': at least one must be above 0`);
  return chosen.status;
}
