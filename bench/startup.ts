// Measures one URL from the shell against a Node that does nothing, and the time from its record to the end of the
// command.
import { spawn } from 'node:child_process';
import { startBareServer } from './bare-server.ts';
import { builtCommand } from './built-command.ts';
import { machine } from './machine.ts';
import { median } from '../cli/bench/level-figures.ts';

const rounds = 15;

await using server = await startBareServer(1);
const commands: readonly (readonly [name: string, ...args: string[]])[] = [
  ['node -e 0', '-e', '0'],
  ['fetchmany --help', builtCommand(), '--help'],
  ['fetchmany URL', builtCommand(), `${server.hosts[0]}/0`],
];

interface Times {
  readonly totalMs: number;
  /** Milliseconds from the last byte of standard output to the end. */
  readonly afterMs: number;
}

const all = commands.map((): Times[] => []);
for (let round = -1; round < rounds; round += 1) {
  for (const [at, [, ...args]] of commands.entries()) {
    const times = await run(args);
    if (round >= 0) all[at]!.push(times);
  }
}

console.log(machine());
console.log(`median of ${rounds} rounds\n`);
const nothingMs = median(all[0]!.map(({ totalMs }) => totalMs));
for (const [at, [name]] of commands.entries()) {
  const totalMs = median(all[at]!.map((times) => times.totalMs));
  const afterMs = median(all[at]!.map((times) => times.afterMs));
  const more = `${totalMs.toFixed(0).padStart(4)} ms  +${(totalMs - nothingMs).toFixed(0).padStart(3)} ms`;
  console.log(`${name.padEnd(18)} ${more}${at === 0 ? '' : `  ends ${afterMs.toFixed(0)} ms after its last word`}`);
}

function run(args: readonly string[]): Promise<Times> {
  return new Promise((resolve, reject) => {
    const startedAt = performance.now();
    let saidAt = startedAt;
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'ignore'] });
    child.stdout.on('data', () => (saidAt = performance.now()));
    child.on('error', reject);
    child.on('exit', (code) => {
      const now = performance.now();
      if (code === 0) resolve({ totalMs: now - startedAt, afterMs: now - saidAt });
      else reject(new Error(`${args.join(' ')} ended with ${code}`));
    });
  });
}
