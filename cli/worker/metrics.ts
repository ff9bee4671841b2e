import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { WorkerFigures } from '../../src/distributed/broker.ts';
import { UsageError } from '../flags/usage-error.ts';
import type { MetricsAddress } from './metrics-address.ts';

/** Metrics that a monitoring system asks for. */
export interface Metrics {
  /** The address that is served, such as `http://127.0.0.1:9464/metrics`. */
  readonly url: string;
  /** Sets what is served from now on. */
  readonly set: (figures: WorkerFigures) => void;
  close(): Promise<void>;
}

/** Serves the figures of a worker in the text format of Prometheus. Throws a {@link UsageError} if it cannot listen. */
export async function serveMetrics({ host, port }: MetricsAddress): Promise<Metrics> {
  let figures: WorkerFigures | undefined;
  const server = createServer((request, response) => {
    const isMetrics = request.url?.split('?')[0] === '/metrics' && /^(GET|HEAD)$/.test(request.method ?? '');
    response.writeHead(isMetrics ? 200 : 404, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' });
    response.end(isMetrics ? metricsText(figures) : 'the metrics are at /metrics\n');
  });
  try {
    server.listen(port, host);
    await once(server, 'listening');
  } catch (cause) {
    throw new UsageError(`--metrics cannot be served: ${(cause as Error).message}`, { cause });
  }
  const { port: bound } = server.address() as AddressInfo;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${bound}/metrics`,
    set: (now) => (figures = now),
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

/** Writes figures in the text format of Prometheus. Before its first run a worker has none. */
export function metricsText(figures: WorkerFigures | undefined): string {
  return table
    .map(([name, type, help, field]) => {
      const full = `fetchmany_worker_${name}`;
      return `# HELP ${full} ${help}\n# TYPE ${full} ${type}\n${full} ${figures?.[field] ?? 0}\n`;
    })
    .join('');
}

type NumberField = {
  [Name in keyof WorkerFigures]: WorkerFigures[Name] extends number ? Name : never;
}[keyof WorkerFigures];

const table: readonly (readonly [name: string, type: 'counter' | 'gauge', help: string, field: NumberField])[] = [
  ['records_total', 'counter', 'Records of the present run.', 'records'],
  ['requests_in_flight', 'gauge', 'Requests in flight.', 'inFlight'],
  ['concurrency', 'gauge', 'Requests that may be in flight.', 'concurrency'],
  ['chunks', 'gauge', 'Chunks that the worker has.', 'chunks'],
  ['requests_left', 'gauge', 'Requests of its chunks without a record.', 'left'],
];
