import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { exitCodes } from '../exit-code.ts';
import { readFlags, requireNoWords } from '../flags/flags.ts';
import { printHelp } from '../flags/print-help.ts';
import { withQueue } from '../queue/broker-usage.ts';
import { requireQueue } from '../queue/read-queue.ts';
import { statusFlags } from './status-flags.ts';

/** Runs `fetchmany status` and returns the exit code. */
export async function statusCommand(argv: readonly string[]): Promise<number> {
  const flags = readFlags(argv, statusFlags, 'fetchmany status');
  if (flags.has('help')) {
    await printHelp((await import('./status-help.ts')).statusHelp);
    return exitCodes.ok;
  }
  requireNoWords(flags.words, 'status');
  const { queue, name } = requireQueue(flags, process.env);
  const [{ readQueueStatus }, { statusLines }] = await Promise.all([
    import('../../src/distributed/status.ts'),
    import('./status-lines.ts'),
  ]);
  const end = new AbortController();
  void Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]).then(() => end.abort());
  do {
    const status = await withQueue(() => readQueueStatus(queue, name));
    const text = flags.has('json') ? JSON.stringify(status) : statusLines(status).join('\n');
    process.stdout.write(`${text}\n${flags.has('watch') && !flags.has('json') ? '\n' : ''}`);
    if (flags.has('watch')) await sleep(watchMs, undefined, { signal: end.signal }).catch(() => {});
  } while (flags.has('watch') && !end.signal.aborted && !process.stdout.destroyed);
  return exitCodes.ok;
}

const watchMs = 2000;
