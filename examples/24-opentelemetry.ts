// Spans for OpenTelemetry: of each message on the wire by its instrumentation of undici, and of queue, attempts and retries.
import { createServer } from 'node:http';
import { context, propagation, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { createFetcher } from '../src/index.ts';
import { recordSpans } from './telemetry/spans.ts';

// A program would use @opentelemetry/sdk-node, which sets up all of this, and export to a collector.
const exporter = new InMemorySpanExporter();
const provider = new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] });
trace.setGlobalTracerProvider(provider);
context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
propagation.setGlobalPropagator({
  inject: (from, carrier, setter) => setter.set(carrier, 'x-trace', trace.getSpanContext(from)?.traceId ?? 'none'),
  extract: (into) => into,
  fields: () => ['x-trace'],
});
const instrumentation = new UndiciInstrumentation();
instrumentation.setTracerProvider(provider);
recordSpans();

const traces: unknown[] = [];
const server = createServer((request, response) => {
  traces.push(request.headers['x-trace']);
  if (request.url === '/moved') response.writeHead(302, { location: '/there' });
  else if (traces.length === 2) response.writeHead(503);
  response.end();
});
await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
const { port } = server.address() as { port: number };

await trace.getTracer('job').startActiveSpan('job', async (job) => {
  const fetcher = createFetcher();
  await fetcher.fetch(`http://127.0.0.1:${port}/moved`);
  await fetcher.close();
  job.end();
});
server.close();

const spans = exporter.getFinishedSpans().toSorted((one, other) => before(one.startTime, other.startTime));
const print = (parent: string | undefined, depth: number): void => {
  for (const span of spans.filter((each) => each.parentSpanContext?.spanId === parent)) {
    const { 'url.path': path = '', 'http.response.status_code': status = '' } = span.attributes;
    console.log(`${'  '.repeat(depth)}${span.name} ${String(path)} ${String(status)}`.trimEnd());
    print(span.spanContext().spanId, depth + 1);
  }
};
print(undefined, 0);
console.log(`the server saw one trace: ${new Set(traces).size === 1 && traces[0] === spans[0]?.spanContext().traceId}`);

function before([seconds, nanoseconds]: readonly [number, number], [others, rest]: readonly [number, number]): number {
  return seconds - others || nanoseconds - rest;
}
