import type { CallTransport } from '../../call/send.ts';
import type { TransportOptions } from '../options.ts';
import type { BodyBudget } from '../response/body-budget.ts';
import { CustomExchange } from './exchange.ts';
import type { Transport } from './transport.ts';

/** Adapts a user's {@link Transport} to the calls of a fetcher. */
export function adaptTransport(transport: Transport, options: TransportOptions, budget: BodyBudget): CallTransport {
  return {
    send: (request, call, done) => new CustomExchange({ request, call, transport, options, budget, done }).start(),
    close: async () => transport.close?.(),
  };
}
