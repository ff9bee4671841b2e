// Wait for many phases at once; then again with a timeout, after which those that are still running are cancelled.
import { setTimeout as sleep } from 'node:timers/promises';
import { createTask, wait, type Job, type Task } from '../src/index.ts';

function phase(name: string, delayMs: number): Job<string> {
  return async (signal) => {
    try {
      await sleep(delayMs, undefined, { signal });
      console.log(`${name} is done`);
      return name;
    } catch (error) {
      console.log(`${name} stops: ${signal.reason}`);
      throw error;
    }
  };
}

function start(): Task<string>[] {
  return [
    createTask(phase('publish', 400), { name: 'publish' }),
    createTask(phase('index', 300), { name: 'index' }),
    createTask(phase('parse', 20), { name: 'parse' }),
  ];
}

const all = await wait(start());
console.log(`without a timeout: ${all.done.size} done, ${all.pending.size} pending`);

const { done, pending, timedOut } = await wait(start(), { timeoutMs: 150 });
console.log(`with a timeout: ${done.size} done, ${pending.size} pending, timed out: ${timedOut}`);
for (const task of pending) task.cancel('out of time');
// Cancelling is a request: a task has stopped only once it has settled.
await wait(pending);
for (const task of [...done, ...pending]) console.log(`${task.name}: ${task.state}`);
