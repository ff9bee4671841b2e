import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';

/** The size, in bytes, that the young generation is not to outgrow by much. */
const minBytes = 12_000_000;
const lookMs = 100;

/**
 * Keeps V8's young generation small. Left alone it grows to some 60 MB, though nearly all that a request makes is dropped
 * within milliseconds. Its bound is read once, before any of our code runs; the factor by which it grows is read each time.
 */
export function boundYoungGeneration(): void {
  const timer = setInterval(() => {
    if (youngBytes() < minBytes) return;
    setFlagsFromString('--semi-space-growth-factor=1');
    clearInterval(timer);
  }, lookMs);
  timer.unref();
}

function youngBytes(): number {
  return getHeapSpaceStatistics().find(({ space_name: name }) => name === 'new_space')?.space_size ?? 0;
}
