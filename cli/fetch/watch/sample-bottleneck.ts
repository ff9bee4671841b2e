import { Bottlenecks, type BottleneckShare, type RunSample } from '../../../src/scheduling/bottleneck.ts';

/** What a sample needs besides what is measured here. */
export type Moment = Omit<RunSample, 'busy' | 'cpu'>;

/**
 * Samples a run while it goes on. The function it returns ends that, and says what held it up.
 *
 * @param look tells of the moment; undefined if it says nothing of the run
 */
export function sampleBottleneck(look: () => Moment | undefined): () => BottleneckShare[] {
  const bounds = new Bottlenecks();
  let sampledAt = performance.now();
  let loop = performance.eventLoopUtilization();
  let cpu = process.cpuUsage();
  let nextMs = firstMs;
  let timer = start();

  function start(): NodeJS.Timeout {
    return setTimeout(sample, nextMs).unref();
  }

  function sample(): void {
    const now = performance.now();
    const milliseconds = now - sampledAt;
    const { utilization } = performance.eventLoopUtilization(loop);
    const { user, system } = process.cpuUsage(cpu);
    const seen = look();
    if (seen) bounds.add({ ...seen, busy: utilization, cpu: (user + system) / 1000 / milliseconds }, milliseconds);
    sampledAt = now;
    loop = performance.eventLoopUtilization();
    cpu = process.cpuUsage();
    // A look that takes long (many hosts) is taken less often: it may cost one percent. But it may have taken long by chance.
    nextMs = Math.min(maxIntervalMs, Math.max(Math.min(2 * nextMs, usualMs), (performance.now() - now) * 100));
    timer = start();
  }

  return () => {
    clearTimeout(timer);
    return bounds.shares();
  };
}

/** Short runs get some samples too. */
const firstMs = 10;
const usualMs = 100;
const maxIntervalMs = 500;
