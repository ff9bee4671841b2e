#!/usr/bin/env node
// No static imports, no types, no syntax newer than dynamic import: an old Node must be able to read this file, or it
// would stop at a syntax error instead of the message below.
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);

if (major > 22 || (major === 22 && minor >= 19)) {
  void import('./start.ts').then(({ start }) => start(process.argv.slice(2)));
} else {
  process.stderr.write(`fetchmany needs Node.js >= 22.19, this is v${process.versions.node}\n`);
  process.exitCode = 1;
}
