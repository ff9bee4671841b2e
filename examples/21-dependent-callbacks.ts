// Download, then analyse, then report, each started by the done callback of the one before it, which hands it its result.
import { setTimeout as sleep } from 'node:timers/promises';
import { createTask, type Task } from '../src/index.ts';

async function download(): Promise<string> {
  await sleep(30);
  return 'gather rosebuds while ye may';
}

async function count(text: string): Promise<number> {
  await sleep(20);
  return text.split(' ').length;
}

async function report(words: number): Promise<string> {
  await sleep(10);
  return `${words} words`;
}

const { promise: finished, resolve, reject } = Promise.withResolvers<string>();

/** Starts the next step with the result of a task once it is done. A failure ends the whole chain. */
function after<T>(task: Task<T>, next: (result: T) => void): void {
  task.addDoneCallback(() => {
    console.log(`${task.name}: ${task.state}`);
    if (task.state === 'fulfilled') next(task.result());
    else task.catch(reject);
  });
}

after(createTask(download, { name: 'download' }), (text) => {
  after(
    createTask(() => count(text), { name: 'count' }),
    (words) => {
      after(
        createTask(() => report(words), { name: 'report' }),
        resolve,
      );
    },
  );
});
console.log('our own code continues');
console.log(`result: ${await finished}`);
