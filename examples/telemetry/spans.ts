// Spans of whole requests for OpenTelemetry: the wait in the queue, each attempt, and each wait for a retry. The spans of
// @opentelemetry/instrumentation-undici, one for each message on the wire, become children of the attempt that they belong to.
import { subscribe } from 'node:diagnostics_channel';
import { context, SpanStatusCode, trace, type Context, type Span } from '@opentelemetry/api';
import type { RequestAttempt, RequestEnd, RequestRetry, RequestStart, TracedRequest } from '../../src/index.ts';

/** The span of a request, the context inside it, and the span of its present step. */
interface Spans {
  readonly whole: Span;
  readonly inside: Context;
  step: Span | undefined;
}

/** Makes spans of all requests from now on. Call it before the first fetcher is created. */
export function recordSpans(): void {
  const tracer = trace.getTracer('fetchmany');
  const known = new WeakMap<TracedRequest, Spans>();

  subscribe('fetchmany:request:start', (message) => {
    const { request, queuedMs } = message as RequestStart;
    const startTime = Date.now() - queuedMs;
    const attributes = { 'url.full': request.url, 'http.request.method': request.method };
    const whole = tracer.startSpan('fetchmany', { startTime, attributes });
    const spans: Spans = { whole, inside: trace.setSpan(context.active(), whole), step: undefined };
    tracer.startSpan('queue', { startTime }, spans.inside).end();
    known.set(request, spans);
    request.within = (create) =>
      context.with(spans.step ? trace.setSpan(spans.inside, spans.step) : spans.inside, create);
  });

  subscribe('fetchmany:request:attempt', (message) => {
    const { request, attempt } = message as RequestAttempt;
    const spans = known.get(request);
    if (!spans) return;
    spans.step?.end();
    spans.step = tracer.startSpan(`attempt ${attempt}`, {}, spans.inside);
  });

  subscribe('fetchmany:request:retry', (message) => {
    const { request, waitMs, status, error } = message as RequestRetry;
    const spans = known.get(request);
    if (!spans) return;
    spans.step?.setStatus({ code: SpanStatusCode.ERROR, message: error?.message ?? `status ${status}` });
    spans.step?.end();
    // The back-off, and the wait for a slot after it.
    spans.step = tracer.startSpan('wait to retry', { attributes: { 'fetchmany.wait_ms': waitMs } }, spans.inside);
  });

  subscribe('fetchmany:request:end', (message) => {
    const { request, result } = message as RequestEnd;
    const spans = known.get(request);
    if (!spans) return;
    spans.step?.end();
    if (!result.ok) spans.whole.setStatus({ code: SpanStatusCode.ERROR });
    spans.whole.end();
  });
}
