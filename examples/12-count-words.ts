/** Counts the different words of a text, slowly on purpose. The worker threads of example 12 run this file. */
export default function countWords(text: string): number {
  const words = new Set<string>();
  for (let round = 0; round < 5; round += 1) {
    for (const [word] of text.matchAll(/\w+/gu)) words.add(word.toLowerCase());
  }
  return words.size;
}
