import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { graceMs, Halt } from '../../../../cli/fetch/stop/halt.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const state = ({ cause, stop, cancel }: Halt): unknown[] => [cause, stop.aborted, cancel.aborted];

test('stopStarting() stops at once and cancels after the grace period', () => {
  const halt = new Halt();
  expect(state(halt)).toEqual([undefined, false, false]);
  halt.stopStarting('max-errors');
  expect(state(halt)).toEqual(['max-errors', true, false]);
  vi.advanceTimersByTime(graceMs - 1);
  expect(halt.cancel.aborted).toBe(false);
  vi.advanceTimersByTime(1);
  expect(halt.cancel.aborted).toBe(true);
});

test('stopStarting() keeps the first cause, and does not extend the grace period', () => {
  const halt = new Halt();
  halt.stopStarting('SIGTERM');
  vi.advanceTimersByTime(graceMs - 1);
  halt.stopStarting('SIGINT');
  vi.advanceTimersByTime(1);
  expect(state(halt)).toEqual(['SIGTERM', true, true]);
});

test('cancelRunning() stops and cancels at once', () => {
  const halt = new Halt();
  halt.cancelRunning('SIGINT');
  expect(state(halt)).toEqual(['SIGINT', true, true]);
});

test('a deadline cancels when its time has passed', () => {
  const halt = new Halt(1000);
  vi.advanceTimersByTime(999);
  expect(state(halt)).toEqual([undefined, false, false]);
  vi.advanceTimersByTime(1);
  expect(state(halt)).toEqual(['deadline', true, true]);
});

test('close() clears both timers', () => {
  const halt = new Halt(60_000);
  halt.stopStarting('SIGINT');
  expect(vi.getTimerCount()).toBe(2);
  halt.close();
  expect(vi.getTimerCount()).toBe(0);
});
