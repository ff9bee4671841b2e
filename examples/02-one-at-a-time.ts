// A loop over items, one at a time and not too fast, because the other side allows only so many a second.
import { setTimeout as sleep } from 'node:timers/promises';
import { sequential } from '../src/index.ts';

const items = [3, 1, 2];

async function weigh(item: number): Promise<number> {
  console.log(`item ${item} starts`);
  await sleep(item * 5);
  console.log(`item ${item} ends`);
  return item * 100;
}

const weights: number[] = [];
const start = performance.now();
for await (const weight of sequential(
  items.map((item) => () => weigh(item)),
  { intervalMs: 40 },
)) {
  weights.push(weight);
}
const elapsedMs = performance.now() - start;
const total = weights.reduce((sum, weight) => sum + weight, 0);
console.log(`weights: ${weights.join(' + ')} = ${total}`);
console.log(`took ${Math.round(elapsedMs)} ms, so the starts were 40 ms apart`);
