import { expect, test } from 'vitest';
import { metricsAddress } from '../../../cli/worker/metrics-address.ts';
import { metricsText, serveMetrics } from '../../../cli/worker/metrics.ts';
import { runCli } from '../../helpers/process/cli.ts';

const figures = {
  host: 'here',
  pid: 1,
  chunks: 2,
  inFlight: 3,
  concurrency: 50,
  left: 70,
  records: 1000,
  perSecond: 12.5,
};

test.for([
  ['9464', { host: '127.0.0.1', port: 9464 }],
  ['0.0.0.0:9464', { host: '0.0.0.0', port: 9464 }],
  ['[::1]:9464', { host: '::1', port: 9464 }],
  ['65536', undefined],
  ['here', undefined],
] as const)('--metrics %s', ([text, address]) => expect(metricsAddress.parse(text)).toEqual(address));

test('each figure has its help, its type and its value', () => {
  expect(metricsText(figures).split('\n').slice(0, 3)).toEqual([
    '# HELP fetchmany_worker_records_total Records of the present run.',
    '# TYPE fetchmany_worker_records_total counter',
    'fetchmany_worker_records_total 1000',
  ]);
  expect(metricsText(undefined)).toContain('\nfetchmany_worker_requests_in_flight 0\n');
});

test('figures are served as they are now, and nothing else is', async () => {
  const metrics = await serveMetrics({ host: '127.0.0.1', port: 0 });
  const first = await fetch(metrics.url);
  expect(first.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
  expect(await first.text()).toBe(metricsText(undefined));
  metrics.set(figures);
  expect(await (await fetch(metrics.url)).text()).toBe(metricsText(figures));
  expect((await fetch(new URL('/', metrics.url))).status).toBe(404);
  const { port } = new URL(metrics.url);
  await expect(serveMetrics({ host: '127.0.0.1', port: Number(port) })).rejects.toThrow(
    '--metrics cannot be served: listen EADDRINUSE',
  );
  await metrics.close();
  await expect(fetch(metrics.url)).rejects.toThrow();
});

test('several processes cannot share a port', async () => {
  const { code, stderr } = await runCli(['worker', '--queue', 'redis://q', '--workers', '2', '--metrics', '9464']);
  expect([code, stderr]).toEqual([
    2,
    'fetchmany: --metrics and --workers cannot be combined: each process needs a port of its own\n',
  ]);
});
