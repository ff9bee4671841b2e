import { channel } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';
import type { Call } from '../../call/call.ts';
import { inContext } from '../../call/telemetry.ts';
import { plainRequest, type FetchRequest } from '../../http/request.ts';

const created = channel('undici:request:create');
const headersSent = channel('undici:client:sendHeaders');
const bodySent = channel('undici:request:bodySent');
const headersReceived = channel('undici:request:headers');
const ended = channel('undici:request:trailers');
const failed = channel('undici:request:error');

/** True while anybody listens to one of undici's channels. */
function isListenedTo(): boolean {
  return (
    created.hasSubscribers ||
    headersReceived.hasSubscribers ||
    ended.hasSubscribers ||
    failed.hasSubscribers ||
    headersSent.hasSubscribers ||
    bodySent.hasSubscribers
  );
}

/**
 * One request as undici's diagnostics channels show it, so that what listens to them, such as OpenTelemetry's instrumentation of
 * undici, sees ours as well. Has the fields of undici's own request that listeners read.
 */
export class RequestTrace {
  readonly origin: string;
  readonly method: string;
  readonly path: string;
  /** Name, value, name, value, ... */
  readonly headers: string[];
  readonly body: Uint8Array | null;
  completed = false;
  aborted = false;

  /** Publishes that a request was made, in the context that its call was made in. Returns undefined if nobody listens. */
  static start(request: FetchRequest, call: Call): RequestTrace | undefined {
    if (!isListenedTo()) return undefined;
    const trace = new RequestTrace(request);
    if (created.hasSubscribers) inContext(call, () => created.publish({ request: trace }));
    return trace;
  }

  constructor({ origin, method, path, headers, body }: FetchRequest) {
    this.origin = origin;
    this.method = method;
    this.path = path;
    this.headers = [...headers];
    this.body = body ?? null;
  }

  /** Adds a header before the request is sent: a listener propagates its trace with this. */
  addHeader(name: string, value: string): this {
    this.headers.push(name, value);
    return this;
  }

  /** Returns the request with the headers that listeners added. */
  requestWith(request: FetchRequest): FetchRequest {
    return { ...plainRequest(request), headers: this.headers };
  }

  sent(head: string, socket: Socket): void {
    headersSent.publish({ request: this, headers: head, socket });
    bodySent.publish({ request: this });
  }

  responded(statusCode: number, fields: readonly string[]): void {
    const headers = fields.map((text) => Buffer.from(text, 'latin1'));
    headersReceived.publish({ request: this, response: { statusCode, headers, statusText: '' } });
  }

  ended(): void {
    this.completed = true;
    ended.publish({ request: this, trailers: [] });
  }

  failed(error: Error): void {
    if (this.completed || this.aborted) return;
    this.aborted = true;
    failed.publish({ request: this, error });
  }
}
