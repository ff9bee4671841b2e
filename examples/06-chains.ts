// Independent steps, one after the other: with a chain, which can be nested, and with callbacks.
import { setTimeout as sleep } from 'node:timers/promises';
import { chain, createTask, type Job } from '../src/index.ts';

function step<T extends string | number>(value: T): Job<T> {
  return async () => {
    console.log(`step ${value} starts`);
    await sleep(10);
    console.log(`step ${value} ends`);
    return value;
  };
}

// The inner chain is wrapped in a function: called here, it would already be running.
const results = await chain(step(1), () => chain(step(2.1), step(2.2)), step(3));
console.log(`results: ${JSON.stringify(results)}`);

// The callback version: each task starts the next when it is done, and the last one ends the wait.
const { promise: finished, resolve: finish } = Promise.withResolvers<void>();

function startNext([name, ...others]: string[]): void {
  if (name === undefined) return finish();
  createTask(step(name)).addDoneCallback((task) => {
    console.log(`callback for ${task.result()}`);
    startNext(others);
  });
}

startNext(['a', 'b', 'c']);
console.log('the first is on its way');
await finished;
console.log('all are done');
