import { expect, test } from 'vitest';
import { requireJob } from '../../src/async/job.ts';

test('requireJob() accepts a function', () => {
  expect(() => requireJob('job', () => 1)).not.toThrow();
});

test('requireJob() explains that a promise is already running', () => {
  expect(() => requireJob('jobs[2]', Promise.resolve(1))).toThrow(
    new TypeError(
      "Cannot start 'jobs[2]' as a job must be a function, since a promise is already running: current value is [Promise]",
    ),
  );
});

test.for([undefined, null, 7, 'x', {}, []])('requireJob() throws for %o', (value) => {
  expect(() => requireJob('job', value)).toThrow(TypeError);
});
