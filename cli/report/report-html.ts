import type { ResultRecord } from '../../src/http/record.ts';
import { modelReport } from '../../src/pages/model/report-model.ts';
import { renderReportPage } from '../../src/pages/report-page.ts';
import { savedFiles } from './saved-files.ts';
import { writePage } from '../rows/write-page.ts';

/** Options of {@link writeReportHtml}. */
export interface ReportHtmlOptions {
  /** The name of the records on the page, such as their file. */
  readonly name: string;
  /** True if the records are not the whole run. @default false */
  readonly isSelection?: boolean;
  /** Replaces a file that is not empty. @default false */
  readonly overwrite?: boolean;
  /** Tells whether records are missing: then an older page is not replaced. @default () => false */
  readonly isPartial?: () => boolean;
}

/**
 * Reads all records, in bounded memory, and writes an HTML page about them. Opens the file before it reads the first
 * record. Rejects with an `OutputError` if the page cannot be written.
 */
export function writeReportHtml(
  records: AsyncIterable<ResultRecord>,
  path: string,
  { name, isSelection = false, overwrite = false, isPartial = () => false }: ReportHtmlOptions,
): Promise<void> {
  return writePage(path, { overwrite, isPartial }, async () =>
    renderReportPage(await modelReport(records, { hrefOf: savedFiles(path) }), name, isSelection),
  );
}
