/** How many columns of a terminal a text takes. It must have no control characters in it (see `printable.ts`). */
export function columns(text: string): number {
  if (isPlain.test(text)) return text.length;
  let width = 0;
  for (const grapheme of graphemesOf(text)) width += columnsOf(grapheme);
  return width;
}

/** The text, with its middle left out if it takes more columns than there are. */
export function shorten(text: string, width: number): string {
  if (columns(text) <= width) return text;
  if (width <= 0) return '';
  const parts = graphemesOf(text);
  const frontWidth = Math.ceil((width - 1) / 2);
  const front = taken(parts, frontWidth);
  const back = taken(parts.toReversed(), width - 1 - columns(front.join('')));
  return `${front.join('')}…${back.toReversed().join('')}`;
}

/** As many from the front as have room. */
function taken(parts: readonly string[], width: number): string[] {
  let left = width;
  const end = parts.findIndex((part) => (left -= columnsOf(part)) < 0);
  return end < 0 ? [...parts] : parts.slice(0, end);
}

const isPlain = /^[ -~]*$/;

function graphemesOf(text: string): string[] {
  // Not sooner: it takes milliseconds to make, and few texts need it.
  graphemes ??= new Intl.Segmenter('en', { granularity: 'grapheme' });
  return Array.from(graphemes.segment(text), ({ segment }) => segment);
}

let graphemes: Intl.Segmenter | undefined;

/** Terminals do not agree on all; where they may not, the most that any takes. */
function columnsOf(grapheme: string): number {
  if (isPlain.test(grapheme)) return grapheme.length;
  if (onlyMarks.test(grapheme)) return 0;
  return wide.test(grapheme) ? 2 * baseCount(grapheme) : baseCount(grapheme);
}

/** What is joined to one picture by some terminals is shown side by side by others. */
function baseCount(grapheme: string): number {
  return Array.from(grapheme).filter((character) => !onlyMarks.test(character)).length;
}

const onlyMarks = /^[\p{Mn}\p{Me}\p{Cf}]+$/u;
/** East Asian Wide and Fullwidth (Unicode Standard Annex 11), by block, and whatever may be shown as a picture. */
const wide =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe10-\ufe19\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{16fe0}-\u{18fff}\u{1aff0}-\u{1b2ff}\u{1f000}-\u{1faff}\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}|\p{Extended_Pictographic}/u;
