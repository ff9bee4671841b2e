import { expect, test } from 'vitest';
import { publicEntries } from '../scripts/api/report.ts';
import { moduleCommand, runShell } from './helpers/process/module.ts';

const entries = publicEntries().map(([, file]) => file.replace(/^dist\/(.*)\.js$/, '$1.ts'));

function importOn(version: string, entry: string): string {
  return moduleCommand(`
    Object.defineProperty(process, 'versions', { value: { ...process.versions, node: ${JSON.stringify(version)} } });
    await import('#src/${entry}').then(() => console.log('loaded'), (error) => console.log(error.message));
  `);
}

test.for(entries.flatMap((entry) => ['20.20.2', '22.18.0'].map((version) => [entry, version] as const)))(
  '%s refuses Node %s in one sentence',
  async ([entry, version]) => {
    const { stdout } = await runShell(importOn(version, entry));
    expect(stdout).toBe(`fetchmany needs Node.js >= 22.19, this is v${version}\n`);
  },
);

test.for(['22.19.0', '23.0.0', '26.1.0'])('every entry loads on Node %s', async (version) => {
  for (const entry of entries) expect((await runShell(importOn(version, entry))).stdout).toBe('loaded\n');
});
