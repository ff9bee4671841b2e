/** Returns the name that was most likely meant; undefined if none is similar. */
export function nearest(typed: string, names: readonly string[]): string | undefined {
  let best: string | undefined;
  let least = Math.max(2, Math.floor(typed.length / 3)) + 1;
  for (const name of names) {
    // Any single letter is similar to any other.
    if (name.length < 2 || typed.length < 2) continue;
    const steps = Math.min(distance(typed, name), name.startsWith(typed) ? 2 : Infinity);
    if (steps >= least) continue;
    least = steps;
    best = name;
  }
  return best;
}

/** Counts the letters to insert, delete, replace or swap with their neighbour (Damerau-Levenshtein distance). */
function distance(from: string, to: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: to.length + 1 }, (_, at) => at);
  for (let row = 1; row <= from.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= to.length; column += 1) {
      const isSame = from[row - 1] === to[column - 1];
      let steps = Math.min(current[column - 1]! + 1, last[column]! + 1, last[column - 1]! + (isSame ? 0 : 1));
      const isSwapped = row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      if (isSwapped) steps = Math.min(steps, beforeLast[column - 2]! + 1);
      current.push(steps);
    }
    [beforeLast, last] = [last, current];
  }
  return last[to.length]!;
}
