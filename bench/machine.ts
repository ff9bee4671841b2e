import { availableParallelism, cpus, loadavg } from 'node:os';
import { readFileSync } from 'node:fs';

/** Describes the machine. Every table begins with it, since figures mean nothing without it. */
export function machine(...packages: readonly string[]): string {
  const versions = packages.map((name) => {
    const file = new URL(`../node_modules/${name}/package.json`, import.meta.url);
    const { version } = JSON.parse(readFileSync(file, 'utf8')) as { version: string };
    return `${name} ${version}`;
  });
  const cpu = cpus()[0]?.model.trim() ?? 'unknown CPU';
  // On a busy machine, times mean little; ratios still do.
  const load = `load ${loadavg()[0]!.toFixed(1)}`;
  return [`${cpu}, ${availableParallelism()} cores`, load, `Node ${process.version}`, ...versions].join(', ');
}
