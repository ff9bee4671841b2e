import { styleText } from 'node:util';
import type { ResultRecord } from '../../http/record.ts';
import { printable } from '../../text/printable.ts';
import { label, type FetchResult } from '../../http/result.ts';
import type { Format } from './format.ts';
import { paintVerdict } from './outcome-color.ts';
import { bytes, formatDuration } from '../../text/quantity.ts';
import { shorten, widthOf } from '../../text/width.ts';

/** Where a table is shown. */
export interface TableOptions {
  /** @default false */
  readonly color?: boolean;
  /** How wide the terminal is just now, in columns; without it no URL is cut. */
  readonly columns?: (() => number) | undefined;
}

/**
 * For people: a head line, and rows whose columns are as wide as the terminal leaves room, whatever comes later. On a
 * terminal no row takes more than its width, so none is broken; a wide one has room for why.
 */
export function table({ color = false, columns }: TableOptions = {}): Format {
  let width = columns?.();
  let layout = layOut(width);
  const paint = color ? paintVerdict : (_: Result, text: string) => text;

  /** The head stands again above the rows of a terminal that has got another width. */
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
  /** Numbers stand below each other by their last digit. */
  readonly isRight?: boolean;
  /** What stands in it; `paint` gives a text the colour of the outcome. */
  readonly cell: (result: Result, width: number, paint: (result: Result, text: string) => string) => string;
}

const gap = '  ';

const index: Column = { title: '#', width: 8, isRight: true, cell: (result) => String(result.index) };

/** As wide as the longest code, `ENCODING_UNSUPPORTED`: where there is a status, which is short, the size of the body stands too. */
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

/** A stretch of time in eight columns at most. */
function briefly(milliseconds: number): string {
  const minutes = Math.round(milliseconds / 60_000);
  const seconds = Math.round(milliseconds / 1000);
  if (milliseconds < 59_950) return formatDuration(milliseconds);
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m ${seconds % 60}s`;
  return `${Math.floor(minutes / 60)}h ${minutes % 60}m`;
}

const tries: Column = { title: 'TRIES', width: 5, isRight: true, cell: (result) => String(result.attempts) };

/** Which columns there are, and how wide: those that matter least give way first. */
function layOut(width: number | undefined): readonly Column[] {
  if (width === undefined) return [index, status, time, tries, { ...url, width: Infinity }];
  const all = width >= widthForAll ? [index, status, time, tries] : [status, ...(width >= widthForTime ? [time] : [])];
  const room = width - all.reduce((sum, column) => sum + column.width + gap.length, 0);
  if (width < widthForNote) return [...all, { ...url, width: Math.max(room, minUrlColumns) }];
  const noteWidth = Math.floor((room - gap.length) * noteShare);
  return [...all, { ...url, width: room - gap.length - noteWidth }, { ...note, width: noteWidth }];
}

const widthForTime = 50;
const widthForAll = 100;
const widthForNote = 140;
const noteShare = 0.4;
/** In less than this a URL says nothing, and a row may as well be broken. */
const minUrlColumns = 12;

const url: Column = {
  title: 'URL',
  width: 0,
  cell: (result, width) => cut(printable(result.url), width),
};

const note: Column = {
  title: 'NOTE',
  width: 0,
  cell: (result, width) => cut(printable(noteOf(result)), width, frontOfMessage),
};

/** Of a message the front says most. */
const frontOfMessage = 0.8;

/** What went otherwise than one would think. */
function noteOf(result: Result): string {
  if (result.kind !== 'response') return result.error.message;
  if (result.redirects > 0) return `-> ${result.finalUrl}`;
  return result.complete === 'unverified' ? 'its end was not proved' : '';
}

function cut(text: string, width: number, share?: number): string {
  return width === Infinity ? text : shorten(text, width, share);
}

function pad(text: string, width: number, isRight = false): string {
  const blanks = ' '.repeat(Math.max(0, width - widthOf(text)));
  return isRight ? blanks + text : text + blanks;
}
