import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Exchange, Handler } from './exchange.ts';
import { Refusal } from './refusal.ts';
import { sendText } from './respond.ts';

/** `:name` stands for one piece of the path, a last `*` for any rest; the note is for the people who read the index. */
export type Route = readonly [pattern: string, handle: Handler, note: string];

interface Entry {
  readonly pattern: readonly string[];
  readonly handle: Handler;
}

/** Answers every request with the first route that fits its path. Whatever happens, it does not throw. */
export function createRouter(routes: readonly Route[]): (request: IncomingMessage, response: ServerResponse) => void {
  const entries = routes.map(([pattern, handle]): Entry => ({ pattern: pattern.split('/'), handle }));
  const byFirstPiece = Map.groupBy(entries, ({ pattern }) => pattern[1]);

  return (request, response) => {
    const { path, search } = split(request.url ?? '');
    const pieces = path.split('/');
    const entry = byFirstPiece.get(pieces[1])?.find(({ pattern }) => fits(pattern, pieces));
    answer({ request, response, path, search, parameters: {} }, pieces, entry ?? nowhere);
  };
}

/** Lets only these methods through. */
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

const nowhere: Entry = {
  pattern: [],
  handle: (exchange) => sendText(exchange, 'No such path: the list of routes is at /\n', { status: 404 }),
};

function split(target: string): { path: string; search: string } {
  // A client that takes us for a proxy sends the whole URL.
  const start = target.startsWith('/') ? 0 : Math.max(0, target.indexOf('/', target.indexOf('://') + 3));
  const mark = target.indexOf('?', start);
  return mark < 0
    ? { path: target.slice(start), search: '' }
    : { path: target.slice(start, mark), search: target.slice(mark + 1) };
}

function fits(pattern: readonly string[], pieces: readonly string[]): boolean {
  const rest = pattern.at(-1) === '*';
  if (rest ? pieces.length < pattern.length : pieces.length !== pattern.length) return false;
  return pattern.every((part, at) => part === '*' || (part.startsWith(':') ? pieces[at] !== '' : part === pieces[at]));
}

// Most handlers are done at once: those must not pay for a promise.
function answer(exchange: Exchange, pieces: readonly string[], { pattern, handle }: Entry): void {
  try {
    const parameters = parametersOf(pattern, pieces);
    handle({ ...exchange, parameters })?.catch((error: unknown) => fail(exchange, error));
  } catch (error) {
    fail(exchange, error);
  }
}

function parametersOf(pattern: readonly string[], pieces: readonly string[]): Record<string, string> {
  const parameters: Record<string, string> = {};
  pattern.forEach((part, at) => {
    if (part.startsWith(':')) parameters[part.slice(1)] = decoded(pieces[at] ?? '');
  });
  return parameters;
}

function decoded(piece: string): string {
  try {
    return decodeURIComponent(piece);
  } catch {
    throw new Refusal(400, `Bad path: cannot decode ${JSON.stringify(piece.slice(0, 40))}`);
  }
}

function fail(exchange: Exchange, error: unknown): void {
  const { request, response } = exchange;
  if (response.headersSent || request.socket.destroyed) {
    request.socket.destroy();
  } else if (error instanceof Refusal) {
    // Nobody is to send the rest of a body that is too large.
    const headers = error.status === 413 ? { Connection: 'close' } : {};
    sendText(exchange, `${error.message}\n`, { status: error.status, headers });
  } else {
    sendText(exchange, `Cannot answer: ${String(error)}\n`, { status: 500 });
  }
}
