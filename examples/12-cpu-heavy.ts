// Slow parsing blocks the event loop. Worker threads keep it free.
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { Piscina } from 'piscina';
import { gather, type Job } from '../src/index.ts';
import countWords from './12-count-words.ts';

// Stands in for a download.
const texts = ['to be or not to be ', 'the rest is silence ', 'brevity is the soul of wit '].map((text) =>
  text.repeat(50_000),
);

/** Runs the jobs and reports the longest delay of the event loop. */
async function measure(way: string, jobs: readonly Job<number>[]): Promise<void> {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  await sleep(20);
  const counts = await gather(jobs);
  // The monitor needs a turn of the event loop to see the delay.
  await sleep(20);
  delay.disable();
  console.log(`${way}: ${counts.join(', ')} words, the event loop stood still for ${Math.round(delay.max / 1e6)} ms`);
}

await measure(
  'in the event loop',
  texts.map((text) => () => countWords(text)),
);

const pool = new Piscina<string, number>({
  filename: new URL('12-count-words.ts', import.meta.url).href,
  minThreads: 2,
  maxThreads: 2,
});
// Wait until the threads have started.
await gather([() => pool.run('warm up'), () => pool.run('warm up')]);
await measure(
  'in worker threads',
  texts.map((text) => (signal) => pool.run(text, { signal })),
);
await pool.close();
