import { isatty } from 'node:tty';
import type { ResultRecord } from '../../src/http/record.ts';
import { openOutput } from '../../src/outputs/files/open-output.ts';
import { formatCount } from '../../src/text/quantity.ts';
import { renderSummary } from '../../src/outputs/summary/summary.ts';
import { printable } from '../../src/text/printable.ts';
import { createStats } from '../../src/stats/stats.ts';
import { usesColor } from '../rows/uses-color.ts';
import { exitCodes } from '../exit-code.ts';
import { makeFormat } from '../rows/make-format.ts';
import { withoutUndefined } from '../flags/given.ts';
import { refuseOwnOutput } from '../rows/refuse-own-output.ts';
import { RecordFiles } from './record-files.ts';
import { recordFilter } from './record-filter.ts';
import type { ReportPlan } from './report-plan.ts';
import { say } from '../rows/say.ts';
import { WallTime } from './wall-time.ts';
import { written } from '../rows/written.ts';

/**
 * Reads recorded runs once, from the files to whoever wants the records: filter, rows, figures. Each is a stage that passes
 * the records on; the last one pulls them through. That is the page, or an empty loop where none is wanted.
 */
export async function runReport(plan: ReportPlan): Promise<number> {
  refuseOwnOutput(plan.files, plan.output);
  refuseOwnOutput(plan.files, plan.html, '--html');
  const files = new RecordFiles(plan.files, tellTorn);
  const stats = createStats();
  const span = new WallTime();

  async function* counted(records: AsyncIterable<ResultRecord>): AsyncGenerator<ResultRecord, void, undefined> {
    for await (const record of records) {
      stats.add(record);
      span.add(record);
      yield record;
    }
  }

  const isChosen = recordFilter(plan.filter);
  const chosen = isChosen ? filtered(files, isChosen) : files;
  const told = counted(await withRows(chosen, plan));
  if (plan.html === undefined) for await (const _ of told);
  else await writePageOf(told, plan.html, plan);

  const stream = plan.format === undefined && plan.html !== '-' ? process.stdout : process.stderr;
  if (stats.count > 0 && !plan.isQuiet) {
    stream.write(renderSummary(stats, span.wallMs, withoutUndefined({ width: stream.columns })));
  }
  if (!plan.isQuiet) tellChoice(files, stats.count, isChosen !== undefined);
  if (files.failure) say(files.failure.message);
  return files.failure ? exitCodes.input : exitCodes.ok;
}

/** Only where it is asked for: making a page takes more code than all else here. */
async function writePageOf(
  records: AsyncIterable<ResultRecord>,
  path: string,
  { files, filter, overwrite }: ReportPlan,
): Promise<void> {
  const { writeReportHtml } = await import('./report-html.ts');
  const names = files.map((file) => (file === '-' ? 'standard input' : file)).join(', ');
  await writeReportHtml(records, path, { name: recordFilter(filter) ? `${names} (chosen records)` : names, overwrite });
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
): Promise<AsyncIterable<ResultRecord>> {
  if (format === undefined) return records;
  const isTerminal = (path === undefined || path === '-') && isatty(1);
  const color = mayColor && usesColor({ isTerminal, env: process.env });
  const output = await openOutput(path, { overwrite });
  // What was recorded is passed on: whoever wanted no headers has none in the file.
  const look = { format, includeHeaders: true, output: path };
  return written(records, { format: await makeFormat(look, color), output });
}

function tellTorn(file: string, line: number): void {
  const name = file === '-' ? 'standard input' : printable(file);
  say(`${name}: its last line, ${line}, is torn and left out`);
}

function tellChoice({ read, superseded, doubled, failure }: RecordFiles, chosen: number, isFiltered: boolean): void {
  if (read === 0 && !failure) say('there is no record in it');
  else if (isFiltered)
    say(`${formatCount(chosen)} of ${formatCount(read)} records ${chosen === 1 ? 'is' : 'are'} like that`);
  if (superseded > 0)
    say(
      superseded === 1
        ? 'the earlier record of a URL that was taken up again is left out'
        : `${formatCount(superseded)} earlier records of URLs that were taken up again are left out`,
    );
  if (doubled === 0) return;
  say(
    `${formatCount(doubled)} URLs that were taken up again count twice, as this input can be read only once; name the file`,
  );
}
