import stringWidth from 'string-width';

/** How many columns of a terminal a text takes: two for each East Asian wide character, none for a combining mark. */
export function widthOf(text: string): number {
  return isPlain(text) ? text.length : stringWidth(text);
}

/**
 * A text that takes so many columns at most: what is too long loses its middle, since a URL differs from its neighbours at
 * its ends, and the end of a message least. No character is cut in two.
 *
 * @param text one that {@link printable} has been through
 * @param columns at least 1
 * @param share how much of what is kept is front, from 0 to 1
 */
export function shorten(text: string, columns: number, share = 0.5): string {
  const isShort = text.length <= columns && isPlain(text);
  if (isShort) return text;
  const frontColumns = Math.ceil((columns - 1) * share);
  const backColumns = columns - 1 - frontColumns;
  if (isPlain(text)) return text.slice(0, frontColumns) + ellipsis + text.slice(text.length - backColumns);
  // No need to look at all of a long one: only its ends are shown.
  const most = maxCharacterBytes * (columns + 1);
  const isLong = text.length > 2 * most;
  if (!isLong && stringWidth(text) <= columns) return text;
  const front = charactersOf(isLong ? text.slice(0, most).toWellFormed() : text);
  const back = (isLong ? charactersOf(text.slice(-most).toWellFormed()) : [...front]).toReversed();
  return take(front, frontColumns).join('') + ellipsis + take(back, backColumns).toReversed().join('');
}

/** One column, in every font. */
const ellipsis = '…';

/** How many UTF-16 units a character takes, but for those that are heaped up. */
const maxCharacterBytes = 8;

const plain = /^[\u0020-\u007e]*$/;

function isPlain(text: string): boolean {
  return plain.test(text);
}

function charactersOf(text: string): string[] {
  segmenter ??= new Intl.Segmenter();
  return Array.from(segmenter.segment(text), ({ segment }) => segment);
}

let segmenter: Intl.Segmenter | undefined;

/** As many of the first characters as there is room for. */
function take(characters: readonly string[], columns: number): string[] {
  const taken: string[] = [];
  let room = columns;
  for (const character of characters) {
    room -= widthOf(character);
    if (room < 0) break;
    taken.push(character);
  }
  return taken;
}
