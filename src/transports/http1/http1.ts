import type { Call } from '../../call/call.ts';
import { failed, type Done } from '../../call/outcome.ts';
import { FetchError, isLocalShortage } from '../../http/error.ts';
import type { FetchRequest } from '../../http/request.ts';
import type { CallTransport } from '../../call/send.ts';
import { createConnector, type Connector } from '../connect/connector.ts';
import { createLookup, type DnsLookup } from '../connect/dns/lookup.ts';
import { Routes } from '../connect/proxy/routes.ts';
import type { Route } from '../connect/route.ts';
import type { TransportOptions } from '../options.ts';
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

/** A transport over HTTP/1.1, for another transport that has chosen the route already. */
export interface Http1Transport extends CallTransport {
  sendOver(route: Route | undefined, request: FetchRequest, call: Call, done: Done): void;
}

/** Creates a transport that sends over HTTP/1.1, on connections of our own. */
export function createHttp1Transport(
  options: TransportOptions,
  {
    lookup = createLookup(options),
    connector = createConnector(options, lookup),
    budget = new BodyBudget(options.maxBufferedBytes),
  }: Http1Parts = {},
): Http1Transport {
  const routes = new Routes(options);
  const connections = new Connections(options, connector);
  const means = { connections, options, budget };

  function exchange(request: FetchRequest, call: Call, connection: Connection, done: Done): void {
    const current = new Exchange(request, call, connection, means, (outcome) => {
      if (outcome.kind === 'failure' && isLocalShortage(outcome.error.code)) connections.dropIdle();
      if (!current.canBeSentAgain(outcome)) return done(outcome);
      exchange(request, call, connections.takeNew(request.origin, connection.route), done);
    });
    current.start();
  }

  return {
    send(request, call, done) {
      const route = routes.of(request);
      if (route instanceof FetchError) done(failed(route, request.origin + request.path));
      else exchange(request, call, connections.take(request, route), done);
    },
    sendOver: (route, request, call, done) => exchange(request, call, connections.take(request, route), done),
    async close() {
      await connections.close();
      lookup.close();
    },
  };
}
