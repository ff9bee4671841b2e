// Two tasks run in the background while our own code continues; then we wait for their results.
import { setTimeout as sleep } from 'node:timers/promises';
import { createTask, type Job } from '../src/index.ts';

function work(name: string, delayMs: number): Job<string> {
  return async () => {
    console.log(`${name} starts`);
    await sleep(delayMs);
    console.log(`${name} ends`);
    return `result of ${name}`;
  };
}

const start = performance.now();
const long = createTask(work('long', 200));
const short = createTask(work('short', 100));
// In asyncio neither would have started yet: there, a task starts at the first await.
console.log('our own code continues');
console.log(await long);
const finishedMs = performance.now();
console.log(await short);
const againMs = performance.now() - finishedMs;
console.log(`short was done already: ${againMs < 50 ? 'awaiting it took no time' : `it took ${againMs} ms`}`);
console.log(`took ${Math.round(performance.now() - start)} ms, and not 300`);
