import { InputError } from '../../src/inputs/input-error.ts';
import { openOutput } from '../../src/outputs/files/open-output.ts';
import { RunDiff, type Difference } from '../../src/stats/run-diff.ts';
import { createStats, type Stats } from '../../src/stats/stats.ts';
import { formatCount, plural } from '../../src/text/quantity.ts';
import { printable } from '../../src/text/printable.ts';
import { exitCodes } from '../exit-code.ts';
import { RecordFiles } from '../rows/record-files.ts';
import { say } from '../rows/say.ts';
import { writePage } from '../rows/write-page.ts';
import { jsonDifferences, textDifferences } from './difference-format.ts';
import type { DiffPlan } from './diff-plan.ts';

/** Runs a plan and returns the exit code: 0 without a difference, 1 with some. */
export async function runDiff(plan: DiffPlan): Promise<number> {
  const counts = new Map<string, number>();

  const runs = { old: createStats(), fresh: createStats() };
  const diff = new RunDiff();

  async function* found(): AsyncGenerator<Difference, void, undefined> {
    for await (const difference of differences(plan, diff, runs)) {
      counts.set(difference.kind, (counts.get(difference.kind) ?? 0) + 1);
      yield difference;
    }
  }

  if (plan.format === 'html') await writeHtml(found(), runs, plan);
  else await writeRows(found(), plan);
  if (!plan.isQuiet) for (const line of summary(counts, diff.comparedByLength)) say(line);
  return counts.size === 0 ? exitCodes.ok : exitCodes.notOk;
}

/** Reads the old run, then the new one, then the old one again: texts are never kept. */
async function* differences(
  { old, fresh }: DiffPlan,
  diff: RunDiff,
  runs: Readonly<Record<'old' | 'fresh', Stats>>,
): AsyncGenerator<Difference, void, undefined> {
  const [oldFile, freshFile] = [open(old), open(fresh)];
  for await (const record of oldFile) {
    diff.addOld(record);
    runs.old.add(record);
  }
  requireRun(old, oldFile);
  for await (const record of freshFile) {
    runs.fresh.add(record);
    const difference = diff.compare(record);
    if (difference) yield difference;
  }
  requireRun(fresh, freshFile);
  const again = new RecordFiles([old], () => {});
  for await (const record of again) {
    const difference = diff.gone(record);
    if (difference) yield difference;
  }
  requireRun(old, again);
}

function open(name: string): RecordFiles {
  return new RecordFiles([name], (file, line) => say(`${printable(file)}: line ${line} is incomplete and was skipped`));
}

/** A comparison with half a run, or with none, would be wrong. */
function requireRun(name: string, { failure, read }: RecordFiles): void {
  if (failure) throw failure;
  if (read === 0) throw new InputError(name, 'it contains no records');
}

async function writeRows(
  found: AsyncIterable<Difference>,
  { format, output: path, overwrite }: DiffPlan,
): Promise<void> {
  const output = await openOutput(path, { overwrite });
  const { head, row, tail } = format === 'json' ? jsonDifferences() : textDifferences();
  try {
    await output.write(head);
    for await (const difference of found) await output.write(row(difference));
    await output.write(tail);
  } catch (error) {
    // An error while closing must not hide the first one.
    await output.close().catch(() => {});
    throw error;
  }
  await output.close();
}

/** Loads the code of the page only if a page was asked for. */
async function writeHtml(
  found: AsyncIterable<Difference>,
  runs: Readonly<Record<'old' | 'fresh', Stats>>,
  { old, fresh, output, overwrite }: DiffPlan,
): Promise<void> {
  const { DiffModel, renderDiffPage } = await import('../../src/pages/diff-page.ts');
  await writePage(output ?? '-', { overwrite }, async () => {
    const model = new DiffModel();
    for await (const difference of found) model.add(difference);
    return renderDiffPage(model, runs, old, fresh);
  });
}

function summary(counts: ReadonlyMap<string, number>, comparedByLength: number): string[] {
  const doubt = `${plural(comparedByLength, 'URL')} compared by length only: --hash on both runs compares the content`;
  return [counted(counts), ...(comparedByLength > 0 ? [doubt] : [])];
}

function counted(counts: ReadonlyMap<string, number>): string {
  if (counts.size === 0) return 'no differences';
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
  return `${plural(total, 'difference')}: ${Array.from(counts, ([kind, count]) => `${formatCount(count)} ${kind}`).join(', ')}`;
}
