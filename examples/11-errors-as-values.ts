// Three jobs, one of which fails. With `returnExceptions` there is an outcome for each.
import { setTimeout as sleep } from 'node:timers/promises';
import { gather } from '../src/index.ts';

async function half(number: number): Promise<number> {
  await sleep(10);
  if (number % 2 === 1) throw new RangeError(`${number} is odd`);
  return number / 2;
}

const outcomes = await gather([() => half(10), () => half(11), () => half(12)], { returnExceptions: true });
for (const [index, outcome] of outcomes.entries()) {
  if (outcome.status === 'fulfilled') console.log(`job ${index}: ${outcome.value}`);
  else console.log(`job ${index} failed: ${outcome.reason}`);
}

// Without it, the promise rejects with the first error, once the other jobs were cancelled and have settled.
try {
  await gather([() => half(10), () => half(11), () => half(12)]);
} catch (error) {
  console.log(`all failed: ${String(error)}`);
}
