import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Exchange, Handler } from './exchange.ts';
import { Refusal } from './refusal.ts';
import { sendText } from './respond.ts';

/**
 * A path pattern (`:name` matches one segment, a final `*` any rest), its handler, and its description in the index.
 */
export type Route = readonly [pattern: string, handle: Handler, note: string];

interface Entry {
  readonly pattern: readonly string[];
  readonly handle: Handler;
}

/** Returns a listener that answers with the first route that matches the path. The listener never throws. */
export function createRouter(routes: readonly Route[]): (request: IncomingMessage, response: ServerResponse) => void {
  const entries = routes.map(([pattern, handle]): Entry => ({ pattern: pattern.split('/'), handle }));
  const byFirstSegment = Map.groupBy(entries, ({ pattern }) => pattern[1]);

  return (request, response) => {
    const { path, search } = split(request.url ?? '');
    const segments = path.split('/');
    const entry = byFirstSegment.get(segments[1])?.find(({ pattern }) => matches(pattern, segments));
    answer({ request, response, path, search, parameters: {} }, segments, entry ?? notFound);
  };
}

/** Restricts a handler to some methods; answers 405 to the others. */
export function only(methods: readonly string[], handle: Handler): Handler {
  const Allow = methods.join(', ');
  return (exchange) => {
    const { method = '' } = exchange.request;
    if (methods.includes(method)) return handle(exchange);
    return sendText(exchange, `Method ${method} is not allowed here: use ${Allow}\n`, {
      status: 405,
      headers: { Allow },
    });
  };
}

const notFound: Entry = {
  pattern: [],
  handle: (exchange) => sendText(exchange, 'Not found: the list of endpoints is at /\n', { status: 404 }),
};

function split(target: string): { path: string; search: string } {
  // A client that uses us as a proxy sends the whole URL.
  const start = target.startsWith('/') ? 0 : Math.max(0, target.indexOf('/', target.indexOf('://') + 3));
  const mark = target.indexOf('?', start);
  return mark < 0
    ? { path: target.slice(start), search: '' }
    : { path: target.slice(start, mark), search: target.slice(mark + 1) };
}

function matches(pattern: readonly string[], segments: readonly string[]): boolean {
  const rest = pattern.at(-1) === '*';
  if (rest ? segments.length < pattern.length : segments.length !== pattern.length) return false;
  return pattern.every(
    (part, at) => part === '*' || (part.startsWith(':') ? segments[at] !== '' : part === segments[at]),
  );
}

// Most handlers are synchronous, and must not pay for a promise.
function answer(exchange: Exchange, segments: readonly string[], { pattern, handle }: Entry): void {
  try {
    const parameters = parametersOf(pattern, segments);
    handle({ ...exchange, parameters })?.catch((error: unknown) => fail(exchange, error));
  } catch (error) {
    fail(exchange, error);
  }
}

function parametersOf(pattern: readonly string[], segments: readonly string[]): Record<string, string> {
  const parameters: Record<string, string> = {};
  pattern.forEach((part, at) => {
    if (part.startsWith(':')) parameters[part.slice(1)] = decoded(segments[at] ?? '');
  });
  return parameters;
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw new Refusal(400, `Bad path: cannot decode ${JSON.stringify(segment.slice(0, 40))}`);
  }
}

function fail(exchange: Exchange, error: unknown): void {
  const { request, response } = exchange;
  if (response.headersSent || request.socket.destroyed) {
    request.socket.destroy();
  } else if (error instanceof Refusal) {
    // Tell the client not to send the rest of a body that is too large.
    const headers = error.status === 413 ? { Connection: 'close' } : {};
    sendText(exchange, `${error.message}\n`, { status: error.status, headers });
  } else {
    sendText(exchange, `Cannot answer: ${String(error)}\n`, { status: 500 });
  }
}
