import type { QueueStatus } from '../../src/distributed/status.ts';
import { printable } from '../../src/text/printable.ts';
import { bytes, formatCount, formatDuration, formatRate, percent, plural } from '../../src/text/quantity.ts';

/** Renders the state of a queue as lines. */
export function statusLines(status: QueueStatus): string[] {
  const { run, workers, chunks, paused, backlog, server } = status;
  if (run === null) return [line('run', `none named ${status.name}`), line('server', serverText(server))];
  const { out, taken, takenOver } = chunks;
  return [
    line('run', runText(run)),
    ...progress(status),
    line(
      'chunks',
      `${formatCount(out - taken)} waiting, ${formatCount(taken)} with workers, ${formatCount(takenOver)} taken over`,
    ),
    line(
      'records',
      `${plural(backlog.entries, 'batch', 'batches')} waiting for the coordinator, ${bytes(backlog.bytes)}`,
    ),
    line('server', serverText(server)),
    line('workers', formatCount(workers.length)),
    ...workers.map((worker) => `  ${workerText(worker)}`),
    ...(paused.length === 0 ? [] : [line('paused', plural(paused.length, 'host'))]),
    ...paused.slice(0, maxPaused).map(({ host, ms }) => `  ${printable(host)} for ${formatDuration(ms)}`),
  ];
}

function line(name: string, text: string): string {
  return `${name.padEnd(8)} ${text}`;
}

function runText({ state, hasCoordinator, heldFor, leaseMs }: NonNullable<QueueStatus['run']>): string {
  if (state === 'ended') return 'ended';
  const held = heldFor === null ? '' : `; on hold for up to ${formatDuration(leaseMs)}, as ${holdReasons[heldFor]}`;
  return `${state}${hasCoordinator ? '' : '; no coordinator (to continue: the same command with --resume)'}${held}`;
}

const holdReasons = {
  'earlier-run': 'workers of an earlier run may still be at work',
  server: 'the server was restarted, replaced or emptied',
} as const;

function progress({ run, figures }: QueueStatus): string[] {
  if (run === null || figures === null) return [];
  const { done, ok, perSecond, leftMs } = figures;
  const part = run.total === 0 ? 1 : done / run.total;
  const left = leftMs === null ? '' : `, ${formatDuration(leftMs)} left`;
  return [
    line(
      'done',
      `${formatCount(done)} of ${formatCount(run.total)} (${percent(part)}), ${formatCount(ok)} ok in this run`,
    ),
    ...(run.hasCoordinator ? [line('speed', `${formatRate(perSecond)}/s${left}`)] : []),
  ];
}

function serverText({ version, usedBytes, maxBytes }: QueueStatus['server']): string {
  const most = maxBytes === 0 ? '' : ` of ${bytes(maxBytes)}`;
  const full = maxBytes > 0 && usedBytes >= maxBytes ? ': full, nothing more can be handed over' : '';
  return `${printable(version)}, ${bytes(usedBytes)}${most} in memory${full}`;
}

function workerText(worker: QueueStatus['workers'][number]): string {
  const { host, pid, chunks, inFlight, concurrency, perSecond, seenMs } = worker;
  const seen = `seen ${formatDuration(seenMs)} ago`;
  if (concurrency === 0) return `${printable(host)} ${pid}: waiting for a run, ${seen}`;
  const activity = `${plural(chunks, 'chunk')}, ${formatCount(inFlight)} of ${formatCount(concurrency)} in flight`;
  return `${printable(host)} ${pid}: ${activity}, ${formatRate(perSecond)}/s, ${seen}`;
}

const maxPaused = 10;
