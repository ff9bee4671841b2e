import type { Flight } from '../../call/call.ts';
import type { TransportOptions } from '../options.ts';
import type { Done, Outcome } from '../../call/outcome.ts';
import { idempotentMethods, type FetchRequest } from '../../http/request.ts';
import type { Transport } from '../../call/send.ts';
import { Connections, type Connection } from './connections.ts';
import { createConnector, type Connector } from '../connect/connector.ts';
import { Exchange } from './exchange.ts';
import { Lookup } from '../connect/dns/lookup.ts';

/** Sends over real sockets. This folder is where undici's words become ours; nothing outside it imports undici. */
export function createUndiciTransport(
  options: TransportOptions,
  lookup: Lookup = new Lookup(),
  connector: Connector = createConnector(options, lookup),
): Transport {
  const connections = new Connections(options, connector);

  function exchange(request: FetchRequest, flight: Flight, connection: Connection, done: Done): void {
    const attempt = new Exchange(request, flight, { connection, connections, options }, (outcome) => {
      if (outcome.kind === 'failure' && outcome.error.code.startsWith('LOCAL_')) connections.dropIdle();
      if (isStale(attempt, outcome, request)) exchange(request, flight, connections.takeNew(request.host), done);
      else done(outcome);
    });
    attempt.start();
  }

  return {
    send: (request, flight, done) => exchange(request, flight, connections.take(request.host), done),
    async close() {
      await connections.close();
      lookup.close();
    },
  };
}

/**
 * Whether a request met a keep-alive connection that its server was just closing (RFC 9112 section 9.3.1): then it is
 * sent once more, on a new connection, and nobody hears of it.
 */
function isStale(attempt: Exchange, outcome: Outcome, request: FetchRequest): boolean {
  if (outcome.kind !== 'failure' || !attempt.isReused || attempt.hasHeard) return false;
  const { code } = outcome.error;
  if (code !== 'CONN_RESET' && code !== 'NO_RESPONSE') return false;
  return !attempt.hasSpoken || idempotentMethods.has(request.method);
}
