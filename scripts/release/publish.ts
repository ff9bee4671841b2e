// Publishes the package with provenance: `npm run release -- --yes`. Without --yes it does everything but that.
//
// Provenance needs an identity that npm trusts, which only a CI job has (.github/workflows/release.yml).
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { refusals } from './refusals.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

function read(command: string, ...args: readonly string[]): string {
  return execFileSync(command, args, { cwd: root, encoding: 'utf8' }).trim();
}

function run(command: string, ...args: readonly string[]): void {
  console.log(`\n$ ${[command, ...args].join(' ')}`);
  execFileSync(command, args, { cwd: root, stdio: 'inherit' });
}

const isReal = process.argv.includes('--yes');
const reasons = refusals({
  manifest: readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
  changelog: readFileSync(new URL('../../CHANGELOG.md', import.meta.url), 'utf8'),
  changes: read('git', 'status', '--porcelain'),
  tags: read('git', 'tag', '--points-at', 'HEAD').split('\n'),
});
for (const reason of reasons) console.error(`cannot publish: ${reason}`);
if (isReal && reasons.length > 0) process.exit(1);

run('npm', 'audit', '--omit=dev');
run('npm', 'run', 'check');
run('npm', 'run', 'package:try');
if (isReal) run('npm', 'publish', '--provenance', '--access', 'public');
else run('npm', 'publish', '--dry-run', '--access', 'public');
