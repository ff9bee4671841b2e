#!/usr/bin/env node
// No static imports: an older Node would stumble over them before it could be told why. And no type syntax, nor anything
// newer than dynamic import: a Node that can read this far must be able to read all of it.
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);

if (major > 22 || (major === 22 && minor >= 19)) {
  void import('./start.ts').then(({ start }) => start(process.argv.slice(2)));
} else {
  process.stderr.write(`fetchmany needs Node.js >= 22.19, this is v${process.versions.node}\n`);
  process.exitCode = 1;
}
