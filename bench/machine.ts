import { availableParallelism, cpus, loadavg } from 'node:os';
import { readFileSync } from 'node:fs';

/** What every table begins with: without it, no figure means anything. */
export function machine(...packages: readonly string[]): string {
  const versions = packages.map((name) => {
    const file = new URL(`../node_modules/${name}/package.json`, import.meta.url);
    const { version } = JSON.parse(readFileSync(file, 'utf8')) as { version: string };
    return `${name} ${version}`;
  });
  const cpu = cpus()[0]?.model.trim() ?? 'unknown CPU';
  // On a busy machine times are worth little; ratios still are.
  const load = `load ${loadavg()[0]!.toFixed(1)}`;
  return [`${cpu}, ${availableParallelism()} cores`, load, `Node ${process.version}`, ...versions].join(', ');
}
