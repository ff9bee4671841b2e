// Runs the quick benchmarks, one after the other: `npm run bench`. Run the long ones by hand; see README.md.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const files = ['request', 'policies', 'admission', 'peers', 'scheduling', 'startup', 'command-line', 'threads'];

for (const name of files) {
  console.log(`\n== ${name}\n`);
  const file = fileURLToPath(new URL(`${name}.ts`, import.meta.url));
  const { status } = spawnSync(process.execPath, ['--expose-gc', file], { stdio: 'inherit' });
  if (status !== 0) process.exitCode = 1;
}
