// Answers in the order in which they arrive; `index` tells which question each belongs to.
import { setTimeout as sleep } from 'node:timers/promises';
import { asCompleted } from '../src/index.ts';

const delaysMs = [160, 120, 80, 40];

async function answer(delayMs: number): Promise<string> {
  await sleep(delayMs);
  return `waited ${delayMs} ms`;
}

const jobs = delaysMs.map((delayMs) => () => answer(delayMs));
for await (const outcome of asCompleted(jobs)) {
  const said = outcome.status === 'fulfilled' ? outcome.value : `failed: ${outcome.reason}`;
  console.log(`question ${outcome.index}: ${said}`);
}
