// A producer and two consumers, with a queue of five between them. When it is full, the producer waits.
import { setTimeout as sleep } from 'node:timers/promises';
import { BoundedQueue, gather } from '../src/index.ts';

const queue = new BoundedQueue<number>(5);

async function produce(): Promise<void> {
  for (let item = 1; item <= 12; item += 1) {
    const start = performance.now();
    await queue.put(item);
    const hasWaited = performance.now() - start > 5;
    console.log(hasWaited ? `producer: ${item}, after a wait` : `producer: ${item}`);
  }
  queue.close();
  console.log('producer: the queue is closed');
}

async function consume(name: string): Promise<number> {
  let count = 0;
  for await (const item of queue) {
    console.log(`${name}: ${item}`);
    await sleep(20);
    count += 1;
  }
  console.log(`${name}: the end`);
  return count;
}

const [, one, two] = await gather([produce, () => consume('consumer 1'), () => consume('consumer 2')]);
console.log(`consumed: ${one + two}`);
