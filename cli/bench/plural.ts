import { formatCount } from '../../src/text/quantity.ts';

/** A number of things, by their name: `1 host`, `2 hosts`. */
export function plural(number: number, noun: string): string {
  return `${formatCount(number)} ${noun}${number === 1 ? '' : 's'}`;
}
