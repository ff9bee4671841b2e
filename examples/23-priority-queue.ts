// Urgent work first: a queue with priorities, and two workers who share one place at the printer.
import { PriorityQueue, Semaphore } from '../src/index.ts';

interface Order {
  readonly priority: number;
  readonly name: string;
}

const queue = new PriorityQueue<Order>(10, (one, other) => one.priority - other.priority);
for (const [priority, name] of [
  [3, 'poster'],
  [1, 'ticket'],
  [2, 'letter'],
  [1, 'receipt'],
] as const) {
  await queue.put({ priority, name });
}
queue.close();

const printer = new Semaphore(1);
async function work(worker: string): Promise<void> {
  for await (const { name, priority } of queue) {
    await printer.run(async () => {
      console.log(`${name} (priority ${priority})`);
    });
  }
  console.log(`${worker} goes home`);
}

await Promise.all([work('Ann'), work('Bob')]);
