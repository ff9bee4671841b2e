/** How many different words a text has; the slow way, on purpose. This file is what the worker threads of example 12 run. */
export default function countWords(text: string): number {
  const words = new Set<string>();
  for (let round = 0; round < 5; round += 1) {
    for (const [word] of text.matchAll(/\w+/gu)) words.add(word.toLowerCase());
  }
  return words.size;
}
