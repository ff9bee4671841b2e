import type { Call } from '../../call/call.ts';
import type { TransportOptions } from '../options.ts';
import type { Done, Outcome } from '../../call/outcome.ts';
import { idempotentMethods, type FetchRequest } from '../../http/request.ts';
import type { CallTransport } from '../../call/send.ts';
import { Connections, type Connection } from './connections.ts';
import { createConnector, type Connector } from '../connect/connector.ts';
import { Exchange } from './exchange.ts';
import { DnsLookup } from '../connect/dns/lookup.ts';

/** Sends over real sockets. This folder is where undici's words become ours; nothing outside it imports undici. */
export function createUndiciTransport(
  options: TransportOptions,
  lookup: DnsLookup = new DnsLookup(),
  connector: Connector = createConnector(options, lookup),
): CallTransport {
  const connections = new Connections(options, connector);

  function exchange(request: FetchRequest, call: Call, connection: Connection, done: Done): void {
    const attempt = new Exchange(request, call, { connection, connections, options }, (outcome) => {
      if (outcome.kind === 'failure' && outcome.error.code.startsWith('LOCAL_')) connections.dropIdle();
      if (isStale(attempt, outcome, request)) exchange(request, call, connections.takeNew(request.origin), done);
      else done(outcome);
    });
    attempt.start();
  }

  return {
    send: (request, call, done) => exchange(request, call, connections.take(request.origin), done),
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
  if (outcome.kind !== 'failure' || !attempt.isReused || attempt.hasResponseBytes) return false;
  const { code } = outcome.error;
  if (code !== 'CONN_RESET' && code !== 'NO_RESPONSE') return false;
  return !attempt.hasSpoken || idempotentMethods.has(request.method);
}
