import { exitCodes } from '../exit-code.ts';
import { readFlags, requireNoWords } from '../flags/flags.ts';
import { withoutUndefined } from '../flags/given.ts';
import { printHelp } from '../flags/print-help.ts';
import { readTls } from '../flags/tls.ts';
import * as unit from '../flags/units.ts';
import { UsageError } from '../flags/usage-error.ts';
import { boundYoungGeneration } from '../process/young-generation.ts';
import { withQueue } from '../queue/broker-usage.ts';
import { requireQueue } from '../queue/read-queue.ts';
import { say } from '../rows/say.ts';
import { handleEnd } from './handle-end.ts';
import { metricsAddress } from './metrics-address.ts';
import { workerFlags } from './worker-flags.ts';

/** Runs `fetchmany worker` until it is asked to end, and returns the exit code. */
export async function workerCommand(argv: readonly string[]): Promise<number> {
  const flags = readFlags(argv, workerFlags, 'fetchmany worker');
  if (flags.has('help')) {
    await printHelp((await import('./worker-help.ts')).workerHelp);
    return exitCodes.ok;
  }
  requireNoWords(flags.words, 'worker');
  const address = requireQueue(flags, process.env);
  const count = flags.read('workers', unit.count(1, '4')) ?? 1;
  const cacert = flags.read('cacert', unit.name('ca.pem'));
  const fetcher = withoutUndefined({
    concurrency: flags.read('concurrency', unit.concurrency('50')),
    rate: flags.read('rate', unit.rate),
    tls: cacert === undefined ? undefined : readTls({ insecure: false, cacert, cert: undefined, key: undefined }),
    addressGuard: flags.has('block-private') || undefined,
  });
  const metricsAt = flags.read('metrics', metricsAddress);
  if (count > 1 && metricsAt !== undefined) {
    throw new UsageError('--metrics and --workers cannot be combined: each process needs a port of its own');
  }
  if (count > 1) return (await import('./run-workers.ts')).runWorkers(count, argv);
  const { runWorker } = await import('../../src/distributed/worker.ts');
  boundYoungGeneration();
  const metrics = metricsAt && (await (await import('./metrics.ts')).serveMetrics(metricsAt));
  const { stop, cancel, remove } = handleEnd();
  try {
    await withQueue(() =>
      runWorker({
        ...address,
        fetcher,
        untilDone: flags.has('until-done'),
        stop,
        signal: cancel,
        ...(metrics && { onState: metrics.set }),
        onNotice: (message) => {
          if (!flags.has('quiet')) say(message);
        },
      }),
    );
  } finally {
    remove();
    await metrics?.close();
  }
  return exitCodes.ok;
}
