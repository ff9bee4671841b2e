import { spawnSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { runCli } from '../../helpers/process/cli.ts';
import { runShell } from '../../helpers/process/module.ts';

const directory = mkdtempSync(join(tmpdir(), 'fetchmany-completion-'));
const has = (program: string): boolean => spawnSync('sh', ['-c', `command -v ${program}`]).status === 0;

/** Typed keys (`\t` is the Tab key), and the words that the command receives. */
const typed: readonly (readonly [keys: string, words: readonly string[]])[] = [
  [String.raw`--per-h\t4`, ['--per-host', '4']],
  [String.raw`--mode ga\t`, ['--mode', 'gather']],
  [String.raw`--format=js\tl`, ['--format=jsonl']],
  [String.raw`rep\tmy\t`, ['report', 'my file.jsonl']],
  [String.raw`report my\t --on\tno\t`, ['report', 'my file.jsonl', '--only', 'not-ok']],
  [String.raw`-o my\t`, ['-o', 'my file.jsonl']],
  [String.raw`comp\tfi\t`, ['completion', 'fish']],
  [String.raw`bench --lev\t1`, ['bench', '--levels', '1']],
  // Neither argument is a file.
  [String.raw`-c my\t`, ['-c', 'my']],
  [String.raw`https://a/ my\t`, ['https://a/', 'my']],
];

beforeAll(async () => {
  writeFileSync(join(directory, 'my file.jsonl'), '');
  for (const shell of ['bash', 'zsh', 'fish']) {
    const { code, stdout } = await runCli(['completion', shell]);
    expect(code).toBe(0);
    writeFileSync(join(directory, shell), stdout);
  }
});

/** Types every line at the prompt of an interactive shell, in a terminal. */
async function typeAll(shell: string, setUp: string): Promise<string[][]> {
  const lines = [
    setUp,
    // A stand-in for the command prints its words.
    String.raw`fetchmany() { for word in "$@"; do printf "<%s>" "$word"; done; echo; }`,
    ...typed.map(([keys]) => `fetchmany ${keys.replaceAll(String.raw`\t`, '\t')}`),
    'exit',
  ];
  writeFileSync(join(directory, 'keys'), lines.map((line) => `${line}\n`).join(''));
  const run = await runShell(`cd '${directory}' && TERM=dumb script -qec '${shell}' /dev/null < keys`);
  const told =
    run.stdout
      .replaceAll('\r', '')
      .replaceAll('\u0007', '')
      .match(/^<.*>$/gm) ?? [];
  return told.map((line) => line.slice(1, -1).split('><'));
}

describe('fetchmany completion', () => {
  test('works in a real bash: commands, flags, values and files', async ({ skip }) => {
    skip(!has('bash') || !has('script'), 'bash or script is not installed');
    expect(await typeAll('bash --norc --noprofile -i', 'source ./bash')).toEqual(typed.map(([, words]) => words));
  });

  test('works in a real zsh', async ({ skip }) => {
    skip(!has('zsh') || !has('script'), 'zsh or script is not installed');
    const told = await typeAll('zsh -f -i', 'autoload -Uz compinit; compinit -D -u; source ./zsh');
    // zsh inserts the equals sign before a value.
    const split = told.map((words) => words.flatMap((word) => (word.startsWith('--format') ? word : word.split('='))));
    expect(split).toEqual(typed.map(([, words]) => words));
  });

  test.for<[string, string[]]>([
    ['--per-h', ['--per-host']],
    ['--mode ', ['as-completed', 'gather', 'sequential']],
    ['--mode=g', ['--mode=gather']],
    ['rep', ['report']],
    ['report my', ['my file.jsonl']],
    ['report --only no', ['not-ok']],
    ['-o my', ['my file.jsonl']],
    ['completion ', ['bash', 'fish', 'zsh']],
    ['bench --lev', ['--levels']],
    ['-c my', []],
    ['https://a/ my', []],
  ])('completes %j in a real fish', async ([line, words], { skip }) => {
    skip(!has('fish'), 'fish is not installed');
    const command = `source ./fish; complete -C 'fetchmany ${line}'`;
    const { stdout, stderr } = await runShell(`cd '${directory}' && fish --no-config -c "${command}"`);
    expect(stderr).toBe('');
    expect(
      stdout
        .split('\n')
        .slice(0, -1)
        .map((told) => told.split('\t')[0]),
    ).toEqual(words);
  });

  test.each([
    [[], 'completion needs a shell (bash, zsh or fish), such as fetchmany completion bash: got none'],
    [['csh'], 'completion needs a shell (bash, zsh or fish), such as fetchmany completion bash: got "csh"'],
    [['bash', 'x'], 'completion takes one argument: got "x" too; see fetchmany completion --help'],
  ])('with arguments %j reports what is wrong', async (args, message) => {
    expect(await runCli(['completion', ...args])).toMatchObject({
      code: 2,
      stdout: '',
      stderr: `fetchmany: ${message}\n`,
    });
  });
});
