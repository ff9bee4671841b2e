import type { Call } from '../../call/call.ts';
import type { TransportOptions } from '../options.ts';
import type { Done } from '../../call/outcome.ts';
import { isLocalShortage } from '../../http/error.ts';
import type { FetchRequest } from '../../http/request.ts';
import type { CallTransport } from '../../call/send.ts';
import { createConnector, type Connector } from '../connect/connector.ts';
import { DnsLookup } from '../connect/dns/lookup.ts';
import { BodyBudget } from '../response/body-budget.ts';
import type { Connection } from './connection.ts';
import { Connections } from './connections.ts';
import { Exchange } from './exchange.ts';

/** Parts that a transport shares with others. By default it has its own. */
export interface Http1Parts {
  readonly lookup?: DnsLookup;
  readonly connector?: Connector;
  readonly budget?: BodyBudget;
}

/** Creates a transport that sends over HTTP/1.1, on connections of our own. */
export function createHttp1Transport(
  options: TransportOptions,
  {
    lookup = new DnsLookup(),
    connector = createConnector(options, lookup),
    budget = new BodyBudget(options.maxBufferedBytes),
  }: Http1Parts = {},
): CallTransport {
  const connections = new Connections(options, connector);
  const means = { connections, options, budget };

  function exchange(request: FetchRequest, call: Call, connection: Connection, done: Done): void {
    const current = new Exchange(request, call, connection, means, (outcome) => {
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
