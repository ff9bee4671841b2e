/** One name in a path, and whether making it safe changed or lost anything. */
export interface Segment {
  readonly text: string;
  readonly isChanged: boolean;
}

/** The longest name we make, in bytes of UTF-8. File systems take 255; a suffix of 9 bytes must still fit. */
const maxSegmentBytes = 240;

/**
 * Makes a text safe as the name of one file or folder, the same on every system: no separator, no control, bidi or
 * zero-width character, no Windows device name, no leading dot or dash, at most {@link maxSegmentBytes} bytes.
 */
export function safeSegment(text: string): Segment {
  if (text.length <= maxSegmentBytes && plainName.test(text)) return { text, isChanged: false };
  const whole = text.toWellFormed().normalize('NFC');
  const clean = shortened(shielded(stripped(whole.replace(unsafe, '_'))));
  const safe = clean === '' ? '_' : clean;
  return { text: safe, isChanged: safe !== text };
}

/** What most names are: safe as they stand, and no beginning of a Windows device name. */
const plainName = /^(?!con|prn|aux|nul|com|lpt)[a-z0-9_](?:[\w.-]*[\w-])?$/i;

/**
 * Splits a name before its extension: a last dot with 1 to 10 letters and digits behind it, at least one of them a letter,
 * and something before it.
 */
export function splitExtension(name: string): readonly [stem: string, extension: string] {
  const at = name.lastIndexOf('.');
  const extension = name.slice(at);
  return at > 0 && /^\.[0-9a-z]{1,10}$/i.test(extension) && /[a-z]/i.test(extension)
    ? [name.slice(0, at), extension]
    : [name, ''];
}

/** Puts a suffix before the extension of a name. */
export function withSuffix(name: string, suffix: string): string {
  const [stem, extension] = splitExtension(name);
  return `${stem}${suffix}${extension}`;
}

// Reserved by a file system, control (C0, C1), bidi, zero-width and other invisible format characters, and what
// toWellFormed() makes of a lone surrogate.
const unsafe =
  // oxlint-disable-next-line no-control-regex -- control characters are what this looks for
  /[<>:"/\\|?*\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffd]/g;

/** Windows drops trailing dots and blanks, so two names would become one. */
function stripped(name: string): string {
  let end = name.length;
  while (end > 0 && (name[end - 1] === '.' || name[end - 1] === ' ')) end -= 1;
  return name.slice(0, end);
}

const deviceName =
  /^(?:con|prn|aux|nul|com[0-9\u00b9\u00b2\u00b3]|lpt[0-9\u00b9\u00b2\u00b3]|conin\$|conout\$) *(?:\.|$)/i;

function shielded(name: string): string {
  if (name.startsWith('.')) return `_${name.slice(1)}`;
  return name.startsWith('-') || deviceName.test(name) ? `_${name}` : name;
}

function shortened(name: string): string {
  if (Buffer.byteLength(name) <= maxSegmentBytes) return name;
  const [stem, extension] = splitExtension(name);
  const room = maxSegmentBytes - extension.length;
  let bytes = 0;
  let end = 0;
  for (const character of stem) {
    bytes += Buffer.byteLength(character);
    if (bytes > room) break;
    end += character.length;
  }
  return stripped(stem.slice(0, end)) + extension;
}
