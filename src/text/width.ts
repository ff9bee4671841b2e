import { createRequire } from 'node:module';
import type stringWidth from 'string-width';

/**
 * Measures the columns that a text takes on a terminal: two for a wide East Asian character, none for a combining mark.
 *
 * @param text without control characters, see {@link printable}
 */
export function widthOf(text: string): number {
  return isPlain(text) ? text.length : measure(text);
}

/**
 * Shortens a text to a number of columns. The middle is left out, since URLs differ from their neighbours at both ends.
 * Characters are never split.
 *
 * @param text without control characters, see {@link printable}
 * @param frontShare how much of the kept text is its front, from 0 to 1
 */
export function shorten(text: string, columns: number, frontShare = 0.5): string {
  if (isPlain(text) ? text.length <= columns : isShort(text, columns)) return text;
  if (columns < 1) return '';
  const frontColumns = Math.ceil((columns - 1) * frontShare);
  if (isPlain(text)) {
    const backColumns = columns - 1 - frontColumns;
    return text.slice(0, frontColumns) + ellipsis + text.slice(text.length - backColumns);
  }
  const [start, end] = endsOf(text, columns);
  const front = take(charactersOf(start), frontColumns).join('');
  const back = take(charactersOf(end).toReversed(), columns - 1 - widthOf(front)).toReversed();
  return front + ellipsis + back.join('');
}

const ellipsis = '…';

const plain = /^[ -~]*$/;

function isPlain(text: string): boolean {
  return plain.test(text);
}

function isShort(text: string, columns: number): boolean {
  return text.length <= maxLength(columns) && measure(text) <= columns;
}

/** Returns the two ends of a text that may be shown. Cutting a long text first saves measuring all of it. */
function endsOf(text: string, columns: number): readonly [start: string, end: string] {
  if (text.length <= maxLength(columns)) return [text, text];
  const half = maxLength(columns) / 2;
  return [text.slice(0, half).toWellFormed(), text.slice(-half).toWellFormed()];
}

/** The longest text, in UTF-16 units, that is looked at in full. */
function maxLength(columns: number): number {
  return 2 * maxUnitsPerColumn * (Math.max(columns, 0) + 1);
}

/** Enough for every character but those with marks heaped upon them. */
const maxUnitsPerColumn = 8;

/** Takes characters from the front while there is room. */
function take(characters: readonly string[], columns: number): string[] {
  let room = columns;
  const end = characters.findIndex((character) => (room -= widthOf(character)) < 0);
  return end < 0 ? [...characters] : characters.slice(0, end);
}

function charactersOf(text: string): string[] {
  segmenter ??= new Intl.Segmenter();
  return Array.from(segmenter.segment(text), ({ segment }) => segment);
}

let segmenter: Intl.Segmenter | undefined;

/** Loads string-width on the first text that is not ASCII. Loading it takes longer than the rest of the start-up. */
function measure(text: string): number {
  library ??= (createRequire(import.meta.url)('string-width') as { readonly default: typeof stringWidth }).default;
  return library(text);
}

let library: typeof stringWidth | undefined;
