import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { runCli, shellCli } from '../helpers/process/cli.ts';
import { runShell } from '../helpers/process/module.ts';
import { nastyStrings } from '../helpers/servers/nasty.ts';
import { rawServer, type RawServer } from '../helpers/servers/raw-server.ts';
import { hasTool } from '../helpers/process/tools.ts';

/** Characters that a terminal acts on, or that hide or reorder text. A line feed is allowed. */
const harmful =
  // oxlint-disable-next-line no-control-regex -- they are what must not be there
  /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/;

const sequences = [
  '\u001b[2J\u001b[H',
  '\u001b]0;title\u0007',
  '\u001b]8;;http://evil.test\u001b\\link\u001b]8;;\u001b\\',
  '\u001b]52;c;aGVsbG8=\u0007',
  '\u001bP+q544e\u001b\\',
  '\u009b2J',
  '\u009d0;title\u009c',
  '\u0007\u0008\u007f',
  'over\rwritten',
  '\u202egnp.exe',
  '\u2066hidden\u2069',
  '\u200b\u200e\u200f\u061c',
  '\u0085next',
  '\u2028line\u2029',
  '\u000b\u000c',
];

/** Each as an invalid line, and within a URL. */
const hostileLines = [
  ...sequences.flatMap((text) => [text, `http://${text}.test/`, `http://127.0.0.1:1/${text}?${text}#${text}`]),
  ...nastyStrings.filter((text) => !/[\n@\uff20\ufe6b]/.test(text)),
]
  .map((line) => line.toWellFormed().trim())
  .filter((line) => line !== '');

/** Places where a server may put them. */
const answers = [
  (text: string) => `HTTP/1.1 200 ${text}\r\nContent-Length: 0\r\n\r\n`,
  (text: string) => `HTTP/1.1 200 OK\r\nX-Evil: ${text}\r\nContent-Length: 0\r\n\r\n`,
  (text: string) => `HTTP/1.1 200 OK\r\nSet-Cookie: ${text}\r\nSet-Cookie: b\r\nContent-Length: 0\r\n\r\n`,
  (text: string) => `HTTP/1.1 200 OK\r\nX-${text}: evil\r\nContent-Length: 0\r\n\r\n`,
  (text: string) => `HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=${text}\r\nContent-Length: 0\r\n\r\n`,
  (text: string) => `HTTP/1.1 200 OK\r\nContent-Encoding: ${text}\r\nContent-Length: 1\r\n\r\nx`,
  (text: string) => `HTTP/1.1 200 OK\r\nContent-Length: ${text}\r\n\r\n`,
  (text: string) => `HTTP/1.1 200 OK\r\nTransfer-Encoding: ${text}\r\n\r\n`,
  (text: string) => `HTTP/1.1 302 Found\r\nLocation: /${text}\r\nContent-Length: 0\r\n\r\n`,
  (text: string) => `HTTP/1.1 302 Found\r\nLocation: http://${text}/\r\nContent-Length: 0\r\n\r\n`,
  (text: string) => `HTTP/1.1 302 Found\r\nLocation: evil${text}:x\r\nContent-Length: 0\r\n\r\n`,
  (text: string) => `HTTP/1.1 ${text}\r\n\r\n`,
  (text: string) => `${text}\r\n\r\n`,
];

/** Answers `/sequence/answer`, and 200 to everything else. */
function hostileServer(): Promise<RawServer> {
  return rawServer((socket, { head }) => {
    const [, sequence, answer] = /^GET \/(\d+)\/(\d+) /.exec(head) ?? [];
    const reply = answer === undefined ? undefined : answers[Number(answer)]?.(sequences[Number(sequence)]!);
    socket.end(Buffer.from(reply ?? 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'));
  });
}

const pathsOfAll = sequences.flatMap((_, sequence) => answers.map((__, answer) => `/${sequence}/${answer}`));

function listOf(server: RawServer): string[] {
  return [...hostileLines, ...pathsOfAll.map((path) => server.url + path)];
}

const directory = mkdtempSync(join(tmpdir(), 'fetchmany-terminal-'));

function fileOf(lines: readonly string[], name: string): string {
  const path = join(directory, name);
  writeFileSync(path, `${lines.join('\n')}\n`);
  return path;
}

const flagsOf: Readonly<Record<string, readonly string[]>> = {
  text: [],
  table: [],
  jsonl: ['--include-headers'],
  json: ['--include-headers'],
  csv: [],
};

interface Row {
  readonly url: string;
  readonly index: number;
  readonly headers?: Readonly<Record<string, unknown>>;
}

describe('R13 text from outside', () => {
  test.each(['text', 'table', 'jsonl', 'json'])(
    'written as %s, or shown with -v, cannot control a terminal',
    async (format) => {
      await using server = await hostileServer();
      const lines = listOf(server);
      const list = fileOf(lines, `${format}.txt`);
      const run = await runCli(['-v', '--retries', '0', '-i', list, '--format', format, ...flagsOf[format]!]);
      expect([run.code, run.stderr.includes('caused by:')]).toEqual([1, true]);
      expect(run.stdout).not.toMatch(harmful);
      expect(run.stderr).not.toMatch(harmful);
      const rows = run.stdout.split('\n').length - 1;
      const count = format === 'text' ? rows : format === 'table' ? rows - 1 : rowsOf(run.stdout).length;
      expect(count).toBe(lines.length);
    },
  );

  test.each(['text', 'table', 'jsonl', 'json', 'csv'])(
    'written as %s to a terminal, cannot control it',
    async (format) => {
      if (!(await hasProgram('script'))) throw new Error('script (util-linux) is needed for this test');
      await using server = await hostileServer();
      const list = fileOf(listOf(server), `terminal-${format}.txt`);
      // Progress moves the cursor; it has its own tests.
      const flags = ['-v --no-progress', '--retries 0', `-i ${list}`, `--format ${format}`, ...flagsOf[format]!].join(
        ' ',
      );
      const { stdout } = await runShell(
        `TERM=xterm NO_COLOR= script -qec "${shellCli} ${flags}" /dev/null < /dev/null`,
      );
      // The terminal turns every line feed into a line break, and the colours are ours.
      // oxlint-disable-next-line no-control-regex -- an escape is how a colour begins
      const shown = stdout.replaceAll('\r\n', '\n').replace(/\u001b\[\d+m/g, '');
      expect(shown).toContain('URLs in ');
      expect(shown).not.toMatch(harmful);
      if (format === 'text' || format === 'table') expect(stdout).toContain('\u001b[31m');
      else expect(stdout).not.toContain('\u001b');
    },
  );

  test('fits on one line in every error message', async () => {
    const text = sequences.join(' ');
    const runs = await Promise.all([
      runCli(['-i', `/none/${text}`]),
      runCli(['-o', `/none/${text}`, 'http://127.0.0.1:1/']),
      runCli([`--${text}`]),
      runCli(['--format', text]),
      runCli(['-H', text, 'http://127.0.0.1:1/']),
      runCli(['-H', `\u009b${text}: x`, 'http://127.0.0.1:1/']),
      runCli(['-H', `x: ${text}`, 'http://127.0.0.1:1/']),
      runCli(['-X', text, 'http://127.0.0.1:1/']),
      runCli(['--cacert', `/none/${text}`, 'http://127.0.0.1:1/']),
      runCli(['--expect', text, 'http://127.0.0.1:1/']),
    ]);
    for (const { code, stdout, stderr } of runs) {
      expect([code === 0, stdout]).toEqual([false, '']);
      expect(stderr).toMatch(/^fetchmany: [^\n]+\n$/);
      expect(stderr).not.toMatch(harmful);
    }
  });
});

function rowsOf(output: string): Row[] {
  return (output.startsWith('[\n') ? JSON.parse(output) : output.trimEnd().split('\n').map(parse)) as Row[];
}

function parse(line: string): unknown {
  return JSON.parse(line);
}

async function hasProgram(name: string): Promise<boolean> {
  return (await runShell(`command -v ${name}`)).code === 0;
}

describe('other programs read', () => {
  const readers: [name: string, command: string][] = [
    ['jq', 'jq -c "[.index, .url]"'],
    [
      'python3',
      `python3 -c "import sys, json
for line in sys.stdin.buffer:
    record = json.loads(line)
    print(json.dumps([record['index'], record['url']]))"`,
    ],
  ];
  test.for(readers)('every record of JSON Lines as we wrote it: %s', async ([name, command], { skip }) => {
    skip(!hasTool(name), `there is no ${name} here`);
    await using server = await hostileServer();
    const lines = listOf(server);
    const list = fileOf(lines, `${name}.txt`);
    const output = join(directory, `${name}.jsonl`);
    await runCli(['-q', '--retries', '0', '-i', list, '-o', output, '--include-headers']);
    const { code, stdout, stderr } = await runShell(`${command} < ${output}`);
    expect([code, stderr]).toEqual([0, '']);
    const read = (rowsOf(stdout) as unknown as [number, string][]).sort(([a], [b]) => a - b);
    expect(read).toEqual(lines.map((line, index) => [index, line]));
  });

  test('every CSV cell, and take none for a formula', async ({ skip }) => {
    skip(!hasTool('python3'), 'python3 is not installed');
    const lines = [...hostileLines, '=1+1', '+1', '-1+1', '"=1"', "'=1", 'a,"b"', '＝1', '%00', '=HYPERLINK("x")'];
    const output = join(directory, 'cells.csv');
    await runCli(['-q', '--retries', '0', '-i', fileOf(lines, 'cells.txt'), '-o', output, '--mode', 'gather']);
    const program = `import csv, json
with open('${output}', newline='', encoding='utf-8') as file:
    print(json.dumps([[row['index'], row['url'], len(row)] for row in csv.DictReader(file, strict=True)]))`;
    const { stdout, stderr } = await runShell(`python3 - <<'END'\n${program}\nEND`);
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toEqual(
      lines.map((line, index) => [String(index), /^[=+\-@＝＋－＠]/.test(line) ? `'${line}` : line, 16]),
    );
  });
});
