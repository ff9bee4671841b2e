import type { ResultRecord } from '../../src/http/record.ts';
import { openWholeFile } from '../../src/outputs/files/open-whole-file.ts';
import { formatCount } from '../../src/text/quantity.ts';
import { renderSummary } from '../../src/outputs/summary/summary.ts';
import { printable } from '../../src/text/printable.ts';
import { RunSpan } from '../../src/stats/run-span.ts';
import { createStats } from '../../src/stats/stats.ts';
import { noLimitedHosts } from '../../src/outputs/summary/limited-hosts.ts';
import { exitCodes } from '../exit-code.ts';
import { makeFormat } from '../rows/make-format.ts';
import { withoutUndefined } from '../flags/given.ts';
import { refuseOwnOutput } from '../rows/refuse-own-output.ts';
import { RecordFiles } from '../rows/record-files.ts';
import { recordFilter } from './record-filter.ts';
import type { ReportPlan } from './report-plan.ts';
import { writeRows } from '../rows/record.ts';
import { say } from '../rows/say.ts';
import { columnsOf } from '../process/columns-of.ts';
import { DownHosts } from './down-hosts.ts';

/**
 * Runs a plan and returns the exit code. The records flow once through a chain of stages: filter, rows, statistics. The
 * last stage, the page or an empty loop, pulls them.
 */
export async function runReport(plan: ReportPlan): Promise<number> {
  refuseOwnOutput(plan.files, plan.output);
  refuseOwnOutput(plan.files, plan.html, '--html');
  const files = new RecordFiles(plan.files, reportIncomplete);
  const stats = createStats();
  const span = new RunSpan();
  const downHosts = new DownHosts();

  async function* counted(records: AsyncIterable<ResultRecord>): AsyncGenerator<ResultRecord, void, undefined> {
    for await (const record of records) {
      stats.add(record);
      span.add(record);
      downHosts.add(record);
      yield record;
    }
  }

  const isChosen = recordFilter(plan.filter);
  const chosen = isChosen ? filtered(files, isChosen) : files;
  const isPartial = (): boolean => files.failure !== undefined || files.read === 0;
  const seen = counted(await withRows(chosen, plan, isPartial));
  if (plan.html === undefined) for await (const _ of seen);
  else await writePageOf(seen, plan.html, plan, isPartial);

  const stream = plan.format === undefined && plan.html !== '-' ? process.stdout : process.stderr;
  if (stats.count > 0 && !plan.isQuiet) {
    const isSelection = isChosen !== undefined;
    const hosts = { ...noLimitedHosts, down: downHosts.down };
    const live = { isSelection, hosts, ...withoutUndefined({ width: columnsOf(stream) }) };
    stream.write(renderSummary(stats, span.wallMs, live));
  }
  if (!plan.isQuiet) reportCounts(files, stats.count, isChosen !== undefined);
  if (isPartial()) say(files.failure?.message ?? 'the input contains no records');
  return isPartial() ? exitCodes.input : exitCodes.ok;
}

/** Loads the code of the page only if a page was asked for: it is larger than the rest of this command. */
async function writePageOf(
  records: AsyncIterable<ResultRecord>,
  path: string,
  { files, filter, overwrite }: ReportPlan,
  isPartial: () => boolean,
): Promise<void> {
  const { writeReportHtml } = await import('./report-html.ts');
  const names = files.map((file) => (file === '-' ? 'standard input' : file)).join(', ');
  const isSelection = recordFilter(filter) !== undefined;
  await writeReportHtml(records, path, {
    name: isSelection ? `${names} (selected records)` : names,
    isSelection,
    overwrite,
    isPartial,
  });
}

async function* filtered(
  records: AsyncIterable<ResultRecord>,
  isChosen: (record: ResultRecord) => boolean,
): AsyncGenerator<ResultRecord, void, undefined> {
  for await (const record of records) if (isChosen(record)) yield record;
}

async function withRows(
  records: AsyncIterable<ResultRecord>,
  { format, output: path, overwrite, mayColor }: ReportPlan,
  isPartial: () => boolean,
): Promise<AsyncIterable<ResultRecord>> {
  if (format === undefined) return records;
  const output = await openWholeFile(path, { overwrite });
  // Headers were recorded only if they were asked for then.
  const options = { format, includeHeaders: true, output: path, mayColor };
  return writeRows(records, {
    format: await makeFormat({ ...options, inputColumns: () => undefined }),
    output,
    isPartial,
  });
}

function reportIncomplete(file: string, line: number): void {
  const name = file === '-' ? 'standard input' : printable(file);
  say(`${name}: line ${line} is incomplete (interrupted write?) and was skipped`);
}

function reportCounts({ read, superseded, doubled }: RecordFiles, chosen: number, isFiltered: boolean): void {
  if (isFiltered && read > 0) say(`${formatCount(chosen)} of ${formatCount(read)} records match`);
  if (superseded > 0) say(`left out ${earlier(superseded)}`);
  if (doubled > 0)
    say(`counted ${earlier(doubled)}: a pipe can be read only once; pass the file by name to leave them out`);
}

function earlier(count: number): string {
  const records =
    count === 1 ? '1 earlier record of a URL that was' : `${formatCount(count)} earlier records of URLs that were`;
  return `${records} fetched again`;
}
