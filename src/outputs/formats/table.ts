import { styleText } from 'node:util';
import type { ResultRecord } from '../../http/record.ts';
import { printable } from '../../text/printable.ts';
import { label, type FetchResult } from '../../http/result.ts';
import type { Format } from './format.ts';
import { paintVerdict } from './paint-verdict.ts';
import { reasonOf } from './reason.ts';
import { bytes, formatDuration } from '../../text/quantity.ts';
import { shorten, widthOf } from '../../text/width.ts';

/** Options of {@link table}. */
export interface TableOptions {
  /** Colours the status by verdict. @default false */
  readonly color?: boolean;
  /** Returns the current width of the terminal in columns. Without it, URLs are never shortened. */
  readonly columns?: (() => number) | undefined;
}

/**
 * Creates the table format for people: a header row, and rows that fit the width of the terminal. The layout depends on
 * that width only, so rows can be written as they come. A wide terminal gets a column that explains failures.
 */
export function table({ color = false, columns }: TableOptions = {}): Format {
  let width = columns?.();
  let layout = layOut(width);
  const paint = color ? paintVerdict : (_: Result, text: string) => text;

  /** Repeats the header, in a new layout, once the terminal was resized. */
  function headIfChanged(): string {
    const now = columns?.();
    if (now === width) return '';
    width = now;
    layout = layOut(width);
    return head();
  }

  function head(): string {
    const titles = layout.map(({ title, isRight, width: cellWidth }, at) =>
      at === layout.length - 1 ? title : pad(title, cellWidth, isRight),
    );
    const line = titles.join(gap);
    return `${color ? styleText('bold', line, { validateStream: false }) : line}\n`;
  }

  function row(result: Result): string {
    const cells = layout.map(({ cell, isRight, width: cellWidth }, at) => {
      const text = cell(result, cellWidth, paint);
      return at === layout.length - 1 ? text : pad(text, cellWidth, isRight);
    });
    return `${cells.join(gap).trimEnd()}\n`;
  }

  return { head, row: (result) => headIfChanged() + row(result) };
}

type Result = FetchResult | ResultRecord;

interface Column {
  readonly title: string;
  readonly width: number;
  /** Aligns numbers at their last digit. */
  readonly isRight?: boolean;
  /** Returns the text of a cell; `paint` colours text by verdict. */
  readonly cell: (result: Result, width: number, paint: (result: Result, text: string) => string) => string;
}

const gap = '  ';

/** Shows the line in the list, which a person can go to, or the index of what came from no list. */
const place: Column = {
  title: '#',
  width: 8,
  isRight: true,
  cell: (result) => String(result.line ?? result.index),
};

/** Fits the longest code, `ENCODING_UNSUPPORTED`. A status is short and leaves room for the size of the body. */
const status: Column = {
  title: `STATUS${'SIZE'.padStart(20 - 'STATUS'.length)}`,
  width: 20,
  cell(result, width, paint) {
    const word = label(result);
    const length = result.kind === 'response' ? bytes(result.length).padStart(width - word.length) : '';
    return paint(result, word) + length;
  },
};

const time: Column = {
  title: 'TIME',
  width: 8,
  isRight: true,
  cell: (result) => (result.attempts === 0 ? '-' : briefly(result.elapsedMs)),
};

/** Formats a duration in eight columns at most. */
function briefly(milliseconds: number): string {
  const minutes = Math.round(milliseconds / 60_000);
  const seconds = Math.round(milliseconds / 1000);
  if (milliseconds < 59_950) return formatDuration(milliseconds);
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m ${seconds % 60}s`;
  return `${Math.floor(minutes / 60)}h ${minutes % 60}m`;
}

const tries: Column = { title: 'TRIES', width: 5, isRight: true, cell: (result) => String(result.attempts) };

/** Chooses the columns and their widths. On a narrow terminal the least important columns go first. */
function layOut(width: number | undefined): readonly Column[] {
  if (width === undefined) return [place, status, time, tries, { ...url, width: Infinity }];
  const all = width >= widthForAll ? [place, status, time, tries] : [status, ...(width >= widthForTime ? [time] : [])];
  const room = width - all.reduce((sum, column) => sum + column.width + gap.length, 0);
  if (width < widthForNote) return [...all, { ...url, width: Math.max(room, minUrlColumns) }];
  const noteWidth = Math.floor((room - gap.length) * noteShare);
  return [...all, { ...url, width: room - gap.length - noteWidth }, { ...note, width: noteWidth }];
}

const widthForTime = 50;
const widthForAll = 100;
const widthForNote = 140;
const noteShare = 0.4;
/** Narrower URLs would be useless, so the row may wrap instead. */
const minUrlColumns = 12;

const url: Column = {
  title: 'URL',
  width: 0,
  cell: (result, width) => cut(printable(result.url), width),
};

const note: Column = {
  title: 'NOTE',
  width: 0,
  cell: (result, width) => cut(printable(noteOf(result)), width, messageFrontShare),
};

/** The front of a message says most. */
const messageFrontShare = 0.8;

/** Explains a failure, a response that misses more than a status, a redirect, or a body whose end is unverified. */
function noteOf(result: Result): string {
  if (result.kind !== 'response') return result.error.message;
  if (result.unexpected !== undefined) return reasonOf(result);
  if (result.redirects > 0) return `-> ${result.finalUrl}`;
  return result.complete === 'unverified' ? 'end of body not verified' : '';
}

function cut(text: string, width: number, frontShare?: number): string {
  return width === Infinity ? text : shorten(text, width, frontShare);
}

function pad(text: string, width: number, isRight = false): string {
  const blanks = ' '.repeat(Math.max(0, width - widthOf(text)));
  return isRight ? blanks + text : text + blanks;
}
