import { readFileSync } from 'node:fs';

/** Loads a peer from `bench/node_modules`; prints a notice if it is not installed. */
export async function tryPeer<Module>(name: string): Promise<Module | undefined> {
  try {
    // A computed name, so that no tool takes it for one of our dependencies.
    return (await import(name)) as Module;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw error;
    console.log(`SKIPPED ${name}: it is not installed (npm ci --prefix bench)`);
    return undefined;
  }
}

export function peerVersion(name: string): string {
  const file = new URL(`node_modules/${name}/package.json`, import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}
