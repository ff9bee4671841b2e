import type { Call } from '../../../src/call/call.ts';
import type { TransportOptions } from '../../../src/transports/options.ts';
import type { Done } from '../../../src/call/outcome.ts';
import { isLocalShortage } from '../../../src/http/error.ts';
import type { FetchRequest } from '../../../src/http/request.ts';
import type { CallTransport } from '../../../src/call/send.ts';
import { Connections, type Connection } from './connections.ts';
import { createConnector, type Connector } from '../../../src/transports/connect/connector.ts';
import { BodyBudget } from '../../../src/transports/response/body-budget.ts';
import { Exchange } from './exchange.ts';
import { DnsLookup } from '../../../src/transports/connect/dns/lookup.ts';

/** Parts that a transport shares with others. By default it has its own. */
export interface TransportParts {
  readonly lookup?: DnsLookup;
  readonly connector?: Connector;
  readonly budget?: BodyBudget;
}

/** Creates a transport that sends over HTTP/1.1. Only this folder imports undici. */
export function createUndiciTransport(
  options: TransportOptions,
  {
    lookup = new DnsLookup(),
    connector = createConnector(options, lookup),
    budget = new BodyBudget(options.maxBufferedBytes),
  }: TransportParts = {},
): CallTransport {
  const connections = new Connections(options, connector);

  function exchange(request: FetchRequest, call: Call, connection: Connection, done: Done): void {
    const current = new Exchange(request, call, { connection, connections, options, budget }, (outcome) => {
      if (outcome.kind === 'failure' && isLocalShortage(outcome.error.code)) connections.dropIdle();
      if (current.canBeSentAgain(outcome)) exchange(request, call, connections.takeNew(request.origin), done);
      else done(outcome);
    });
    current.start();
  }

  return {
    send: (request, call, done) => exchange(request, call, connections.take(request), done),
    async close() {
      await connections.close();
      lookup.close();
    },
  };
}
