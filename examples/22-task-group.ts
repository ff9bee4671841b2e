// A group of tasks that end together: the first failure cancels the others. One of them has a time limit of its own.
import { setTimeout as sleep } from 'node:timers/promises';
import { TaskGroup, waitFor } from '../src/index.ts';

async function load(name: string, delayMs: number, signal: AbortSignal): Promise<string> {
  try {
    return await sleep(delayMs, `${name} loaded`, { signal });
  } catch {
    console.log(`${name} stops: ${(signal.reason as Error).message}`);
    throw signal.reason as Error;
  }
}

const texts = await TaskGroup.run(async (group) => {
  const user = group.createTask((signal) => load('user', 20, signal));
  const posts = group.createTask((signal) => load('posts', 10, signal));
  return [await user, await posts];
});
console.log(texts.join(', '));

try {
  await TaskGroup.run((group) => {
    void group.createTask((signal) => load('archive', 10_000, signal));
    void group.createTask((outer) => waitFor((signal) => load('news', 10_000, signal), 50, { signal: outer }));
  });
} catch (error) {
  console.log((error as AggregateError).message);
}
