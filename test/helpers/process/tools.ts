import { spawnSync } from 'node:child_process';

/** Programs that must not be missing: `REQUIRE_TOOLS=strace,chromium`, as CI sets it. */
const required = (process.env['REQUIRE_TOOLS'] ?? '').split(',');

/**
 * Tells whether a program that some tests need works here, by running it once. Prints a notice if it does not. Throws
 * if it is listed in `REQUIRE_TOOLS`, so that CI skips no test because of it.
 */
export function hasTool(name: string, command: string = name, args: readonly string[] = ['--version']): boolean {
  if (spawnSync(command, args, { stdio: 'ignore' }).status === 0) return true;
  const message = `${name} does not work here (${[command, ...args].join(' ')})`;
  if (required.includes(name)) throw new Error(`REQUIRE_TOOLS lists ${name}, but ${message}`);
  console.warn(`SKIPPED: ${message}; the tests that need it do not run`);
  return false;
}

/** Tells whether strace works here, which also needs the permission to trace. */
export function hasStrace(): boolean {
  return hasTool('strace', 'strace', ['-qqo', '/dev/null', 'true']);
}
