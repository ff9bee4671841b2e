import { isatty } from 'node:tty';
import { fetchErrorCodes } from '../../src/http/error.ts';
import { readFlags, readValue, type Flags } from '../flags/flags.ts';
import { readFormat, type FormatName } from '../rows/format-name.ts';
import { nearest } from '../flags/nearest.ts';
import { quoted } from '../flags/quoted.ts';
import { isHostName, type RecordFilter } from './record-filter.ts';
import { outcomeWords } from '../rows/outcome.ts';
import { wordsOf } from '../flags/flag-table.ts';
import { reportFlags } from './report-flags.ts';
import * as unit from '../flags/units.ts';
import { UsageError } from '../flags/usage-error.ts';

/** The parsed command line of `fetchmany report`. */
export interface ReportPlan {
  /** Files of records; `-` is standard input. */
  readonly files: readonly string[];
  readonly filter: RecordFilter;
  /** The format of the rows; undefined for a summary only. */
  readonly format: FormatName | undefined;
  readonly output: string | undefined;
  /** The file for the HTML page; undefined for none. */
  readonly html: string | undefined;
  readonly overwrite: boolean;
  readonly isQuiet: boolean;
  readonly mayColor: boolean;
}

/** Parses the command line of `fetchmany report`. Throws a {@link UsageError}. */
export function readReportPlan(argv: readonly string[]): ReportPlan | 'help' {
  const flags = readFlags(argv, reportFlags, 'fetchmany report', foreignFlags);
  if (flags.has('help')) return 'help';
  const output = flags.read('output', unit.name('rows.csv'));
  const format = readFormat(flags, output);
  const html = flags.read('html', unit.name('report.html'));
  const hasRows = format !== undefined || output !== undefined;
  if (html !== undefined && hasRows && html === (output ?? '-')) {
    throw new UsageError(
      `the records and the page cannot both go to ${quoted(html)}; choose another file for one of them`,
    );
  }
  return {
    files: readFiles(flags.words),
    filter: {
      only: readEach(flags, 'only', unit.oneOf(wordsOf({ words: outcomeWords }), 'failed')),
      codes: readEach(flags, 'code', code),
      statuses: readEach(flags, 'status', unit.statuses),
      hosts: readEach(flags, 'host', host),
    },
    format: format ?? (output === undefined ? undefined : 'text'),
    output,
    html,
    overwrite: flags.has('overwrite'),
    isQuiet: flags.has('quiet'),
    mayColor: !flags.has('no-color'),
  };
}

/** Reads standard input if no file is named. */
function readFiles(words: readonly string[]): readonly string[] {
  if (words.length > 0) return words;
  if (!isatty(0)) return ['-'];
  throw new UsageError('report needs a file of records, such as fetchmany report results.jsonl');
}

type ReportFlag = keyof typeof reportFlags;

/** Parses every value of a flag that may be repeated and whose values are lists. */
function readEach<T>(flags: Flags<ReportFlag>, name: ReportFlag, each: unit.Unit<T>): readonly T[] {
  return flags.all(name).flatMap((list) => list.split(',').map((text) => readValue(`--${name}`, text.trim(), each)));
}

const host: unit.Unit<string> = {
  parse: (text) => (isHostName(text) ? text : undefined),
  wanted: 'a host, with or without a scheme and a port',
  example: 'example.com',
};

const code: unit.Unit<string> = {
  parse(text) {
    const name = text.toUpperCase();
    if (fetchErrorCodes.some((known) => known === name)) return name;
    const meant = nearest(name, fetchErrorCodes);
    if (meant === undefined) return undefined;
    throw new UsageError(`--code ${quoted(text)} is not an error code of fetchmany; did you mean ${meant}?`);
  },
  wanted: 'an error code of fetchmany',
  example: 'TIMEOUT',
};

/** Advice on flags of other programs. */
const foreignFlags: ReadonlyMap<string, string> = new Map([
  ['--compare', 'fetchmany diff OLD.jsonl NEW.jsonl compares two runs'],
]);
