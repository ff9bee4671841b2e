import { getEventListeners } from 'node:events';
import { expect, test } from 'vitest';
import { onAbort } from '../../src/async/on-abort.ts';

test('onAbort() calls every callback, in order, through one listener', () => {
  const controller = new AbortController();
  const calls: number[] = [];
  for (const index of [1, 2, 3]) onAbort(controller.signal, () => calls.push(index));
  expect(getEventListeners(controller.signal, 'abort')).toHaveLength(1);
  controller.abort();
  expect(calls).toEqual([1, 2, 3]);
  expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0);
});

test('onAbort() does not call a removed callback, even one removed by another callback', () => {
  const controller = new AbortController();
  const calls: string[] = [];
  onAbort(controller.signal, () => {
    calls.push('first');
    stopSecond();
  });
  const stopSecond = onAbort(controller.signal, () => calls.push('second'));
  const stopThird = onAbort(controller.signal, () => calls.push('third'));
  stopThird();
  stopThird();
  controller.abort();
  expect(calls).toEqual(['first']);
});

test('onAbort() leaves no listener after the last callback is removed, and listens again for the next', () => {
  const controller = new AbortController();
  onAbort(controller.signal, () => {})();
  expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0);
  let called = 0;
  onAbort(controller.signal, () => (called += 1));
  controller.abort();
  expect(called).toBe(1);
});
