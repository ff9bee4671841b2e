import type { Exchange } from '../exchange.ts';
import { sendEmpty, sendJson } from '../respond.ts';

/** Requires the user and password in the path (HTTP Basic); answers 401 otherwise. */
export function basic(exchange: Exchange): void {
  const { user, password } = exchange.parameters;
  const given = Buffer.from(credentials(exchange, 'basic') ?? '', 'base64').toString();
  if (given === `${user}:${password}`) sendJson(exchange, { authenticated: true, user });
  else refuse(exchange, 'Basic realm="Test"');
}

/** Requires any bearer token; answers 401 otherwise. */
export function bearer(exchange: Exchange): void {
  const token = credentials(exchange, 'bearer');
  if (token) sendJson(exchange, { authenticated: true, token });
  else refuse(exchange, 'Bearer');
}

function credentials({ request }: Exchange, scheme: string): string | undefined {
  const [given = '', value] = (request.headers.authorization ?? '').split(' ');
  return given.toLowerCase() === scheme ? value : undefined;
}

function refuse(exchange: Exchange, challenge: string): void {
  sendEmpty(exchange, { status: 401, headers: { 'WWW-Authenticate': challenge } });
}
