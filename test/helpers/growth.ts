/** A text that can be made any length: one part of it is repeated. */
export interface Pumped {
  readonly before: string;
  readonly repeated: string;
  readonly after: string;
}

/**
 * Makes texts that a regular expression is likely to try in many ways: pieces of texts that match it, one of them
 * repeated, and an end that does not match. They are the same in every run.
 */
export function adversarialTexts(expression: RegExp): readonly Pumped[] {
  const samples = likelyTexts(expression);
  const characters = [...new Set([...Array.from(samples.join('')), ...generalCharacters])].slice(0, maxCharacters);
  const pieces = new Set(samples.flatMap((sample) => [sample, ...(sample.match(/[A-Za-z]+|[^A-Za-z]/g) ?? [])]));
  const repeated = [...characters, ...[...pieces].slice(0, maxPieces)];
  const fronts = new Set(['', ...samples.flatMap(frontsOf)].slice(0, maxFronts));
  return [...fronts].flatMap((before) =>
    repeated.flatMap((part) => ends.map((after) => ({ before, repeated: part, after }))),
  );
}

/** Blanks, digits, letters and marks that the expressions of an HTTP client look for. */
const generalCharacters: readonly string[] = Array.from(' \t\n0a/:@?#."\'\\-=,;()[]{}%&<*$~é');
const ends = ['', '\u0000', '?@x'];
const maxCharacters = 48;
const maxPieces = 12;
const maxFronts = 8;

/** Reads the expression itself as texts: a member of each class, no repetitions, one text for each alternative. */
function likelyTexts({ source }: RegExp): readonly string[] {
  const text = source
    .replaceAll(/\(\?(?:<\w+>|<?[:=!])/g, '(')
    .replaceAll(/\[\^?((?:\\.|[^\]\\])[^\]]?)[^\]]*\]/g, '$1')
    .replaceAll(/\{[\d,]+\}|[*+?^$]/g, '');
  const letters = text
    .replaceAll(/\\p\{\w+\}/g, '\u0001')
    .replaceAll(/\\([a-z])/g, (_, letter: string) => escapes[letter] ?? letter);
  const parts = [letters.replaceAll(/[()]/g, ''), ...letters.split(/[|()]/)];
  return parts.map((part) => part.replaceAll('\\', '')).filter((part) => part !== '');
}

const escapes: Readonly<Record<string, string>> = { d: '0', w: 'a', s: ' ', t: '\t', n: '\n', r: '\r', b: '' };

function frontsOf(text: string): readonly string[] {
  const cuts = [1, 2, 4, 8, 16, 32, 64].filter((cut) => cut < text.length);
  return [...cuts.map((cut) => text.slice(0, cut)), text];
}

/**
 * Tells whether the time of some work grows faster than its size: at two doublings in a row it takes more than three
 * times as long, where linear work takes twice and quadratic work four times as long. Each time is the shortest of
 * several, so that a busy machine does not matter; work too short to be measured counts as linear.
 */
export function growsFasterThanLinear(work: (size: number) => void): boolean {
  // Quadratic work of this size takes at least some milliseconds.
  if (shortestMs(() => work(8000), 0) < measurableMs) return false;
  let steep = 0;
  let before = Infinity;
  for (let size = 500; size <= 16_000; size *= 2) {
    const took = shortestMs(() => work(size), before * 3);
    steep = took > measurableMs && took > before * 3 ? steep + 1 : 0;
    if (steep === 2) return true;
    before = Math.max(took, measurableMs / 8);
  }
  return false;
}

const measurableMs = 1;
const maxTries = 4;

/** Stops trying once the time is at most `enoughMs`: it cannot become a reason to object any more. */
function shortestMs(work: () => void, enoughMs: number): number {
  let shortest = Infinity;
  for (let tries = 0; tries < maxTries && shortest > Math.min(enoughMs, measurableMs); tries += 1) {
    const start = performance.now();
    work();
    shortest = Math.min(shortest, performance.now() - start);
  }
  return shortest;
}
