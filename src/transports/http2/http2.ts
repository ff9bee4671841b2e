import { FetchError, isLocalShortage, type FetchErrorCode } from '../../http/error.ts';
import type { Call } from '../../call/call.ts';
import type { TransportOptions } from '../options.ts';
import { failed, type Done } from '../../call/outcome.ts';
import type { FetchRequest } from '../../http/request.ts';
import type { CallTransport } from '../../call/send.ts';
import { createConnector } from '../connect/connector.ts';
import { createLookup } from '../connect/dns/lookup.ts';
import { Routes } from '../connect/proxy/routes.ts';
import { createHttp1Transport } from '../http1/http1.ts';
import { BodyBudget } from '../response/body-budget.ts';
import { Http2Exchange } from './exchange.ts';
import { Http1Hosts } from './http1-hosts.ts';
import type { Session } from './session.ts';
import { Sessions } from './sessions.ts';
import { SpareSockets } from './spare-sockets.ts';

/**
 * Errors after which the server of a session without any response since may be gone. No new request should wait for it.
 */
const timeouts: ReadonlySet<FetchErrorCode> = new Set(['TIMEOUT', 'HEADERS_TIMEOUT', 'BODY_TIMEOUT', 'DEADLINE']);

/**
 * Creates a transport that sends over HTTP/2 to servers that speak it over TLS, and over HTTP/1.1 to all others.
 * undici's own HTTP/2 does not tell a truncated body from a complete one.
 */
export function createHttp2Transport(
  options: TransportOptions,
  budget: BodyBudget = new BodyBudget(options.maxBufferedBytes),
): CallTransport {
  const lookup = createLookup(options);
  const routes = new Routes(options);
  const connector = createConnector(options, lookup);
  const http1Hosts = new Http1Hosts();
  const spares = new SpareSockets();
  const http1 = createHttp1Transport(options, { lookup, connector: spares.before(connector), budget });
  const sessions = new Sessions(options, connector, ({ destination, timings }, socket) => {
    spares.put(destination, socket, timings);
  });

  function exchange(request: FetchRequest, call: Call, session: Session, isLast: boolean, done: Done): void {
    const over = { session, sessions, options, budget };
    const attempt = new Http2Exchange(request, call, over, {
      done(outcome) {
        if (outcome.kind === 'failure') {
          const { code } = outcome.error;
          if (isLocalShortage(code)) sessions.dropIdle();
          if (timeouts.has(code) && attempt.isUnanswered) session.retire();
        }
        if (isLast || !attempt.canBeSentAgain(outcome)) return done(outcome);
        exchange(request, call, sessions.take(request.origin, session.route, session), true, done);
      },
      speaksHttp1() {
        http1Hosts.add(request.origin, performance.now());
        http1.sendOver(session.route, request, call, done);
      },
    });
    attempt.start();
  }

  return {
    send(request, call, done) {
      const { origin: host } = request;
      const route = routes.of(request);
      if (route instanceof FetchError) return done(failed(route, host + request.path));
      if (!host.startsWith('https:') || http1Hosts.has(host, performance.now()))
        return http1.sendOver(route, request, call, done);
      exchange(request, call, sessions.take(host, route), false, done);
    },
    async close() {
      spares.close();
      await Promise.all([sessions.close(), http1.close()]);
    },
  };
}
