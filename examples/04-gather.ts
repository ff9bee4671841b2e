// Two phases at the same time. The results are in the order of the arguments, whichever finishes first.
import { setTimeout as sleep } from 'node:timers/promises';
import { gather } from '../src/index.ts';

async function phase(name: string, delayMs: number): Promise<string> {
  console.log(`${name} starts`);
  await sleep(delayMs);
  console.log(`${name} ends`);
  return `result of ${name}`;
}

const start = performance.now();
const [first, second] = await gather([() => phase('the slow one', 200), () => phase('the fast one', 100)]);
console.log(first);
console.log(second);
console.log(`took ${Math.round(performance.now() - start)} ms, and not 300`);
