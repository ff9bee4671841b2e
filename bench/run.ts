// Runs the quick benchmarks, one after the other: `npm run bench`, or those that are named: `npm run bench wire peers`. Run the
// long ones by name; see README.md.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const quick = ['request', 'policies', 'admission', 'peers', 'scheduling', 'startup', 'command-line', 'wire', 'threads'];
const named = process.argv.slice(2);
const names = named.length > 0 ? named : quick;

function fileOf(name: string): string {
  return fileURLToPath(new URL(`${name}.ts`, import.meta.url));
}

const unknown = names.filter((name) => !existsSync(fileOf(name)));
if (unknown.length > 0) {
  console.error(`There is no benchmark ${unknown.join(', ')}; bench/README.md lists them`);
  process.exit(2);
}
console.log(`Runs ${names.join(', ')} in turn; bench/README.md says what each measures`);
for (const name of names) {
  console.log(`\n== ${name}\n`);
  const { status } = spawnSync(process.execPath, ['--expose-gc', fileOf(name)], { stdio: 'inherit' });
  if (status !== 0) process.exitCode = 1;
}
