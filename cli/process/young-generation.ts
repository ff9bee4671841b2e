import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';

/** Bytes of the young generation from which it may not grow any faster. */
const maxFreeBytes = 12_000_000;
const checkIntervalMs = 100;

/**
 * Keeps V8's young generation small. By default it grows to some 60 MB, although nearly all objects of a request die
 * within milliseconds. V8 reads the size limit once, before our code runs, but the growth factor at each collection.
 */
export function boundYoungGeneration(): void {
  const timer = setInterval(() => {
    if (youngBytes() < maxFreeBytes) return;
    setFlagsFromString('--semi-space-growth-factor=1');
    clearInterval(timer);
  }, checkIntervalMs);
  timer.unref();
}

function youngBytes(): number {
  return getHeapSpaceStatistics().find(({ space_name: name }) => name === 'new_space')?.space_size ?? 0;
}
