import { execFileSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { shellCli } from './cli.ts';
import { ended, startShell, type Ended } from './module.ts';
import { Screen } from './screen.ts';

/** A command that runs on a terminal of its own. */
export interface InTerminal {
  readonly child: ChildProcess;
  /** All output so far. */
  readonly output: () => string;
  /** The visible text. */
  readonly screen: () => Screen;
  /** The process id of the command itself. */
  readonly pid: () => number;
  /** Types something; `\x03` is Ctrl-C. */
  type(keys: string): void;
  /** Makes the terminal wider or narrower. */
  resize(columns: number): void;
  /** Resolves once a text has arrived. */
  until(test: (output: string) => boolean): Promise<void>;
  readonly end: Promise<Ended>;
}

/**
 * Starts `fetchmany` on a terminal (util-linux's script).
 *
 * @param args shell text, which may have redirections and pipes
 */
export function startInTerminal(
  args: string,
  { columns = 80, rows = 24, env = 'TERM=xterm NO_COLOR=' }: { columns?: number; rows?: number; env?: string } = {},
): InTerminal {
  const command = `echo "$(tty) $$ "; exec env ${env} ${shellCli} ${args}`;
  // Keep the terminal for a moment: script may drop output that arrives right before its end.
  const whole = `trap : INT; stty cols ${columns} rows ${rows}; sh -c ${quote(command)}; code=$?; sleep 0.3; exit $code`;
  const child = startShell(`exec script -qefc ${quote(whole)} /dev/null`);
  const end = ended(child);
  const watchers = new Set<() => void>();
  let output = '';
  child.stdout!.on('data', (text: string) => {
    output += text;
    for (const watch of watchers) watch();
  });
  const head = (): RegExpExecArray => /^(\S+) (\d+) \r\n/.exec(output)!;
  const shown = (): string => output.slice(head()[0].length);
  return {
    child,
    output: shown,
    screen() {
      const screen = new Screen(columns);
      screen.write(shown());
      return screen;
    },
    pid: () => Number(head()[2]),
    type: (keys) => void child.stdin!.write(keys),
    resize: (width) => void execFileSync('stty', ['-F', head()[1]!, 'cols', String(width)]),
    until: (test) =>
      new Promise((resolve, reject) => {
        const watch = (): void => {
          if (!test(output)) return;
          watchers.delete(watch);
          resolve();
        };
        watchers.add(watch);
        watch();
        child.on('close', () => reject(new Error(`It ended before that came, and said: ${output}`)));
      }),
    end,
  };
}

function quote(word: string): string {
  return `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
