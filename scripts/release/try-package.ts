// Installs the package as a user would, and tries it: `npm run package:try`. Needs the npm registry.
//
// On each Node.js: import, require(), the command, and --queue without its client. Node.js 20: one sentence. esbuild: both
// formats. TypeScript: the minimum that the README names, and the newest.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const nodeVersions = ['22.19.0', '24', '26'];
const oldNode = '20';
const typescriptVersions = ['5.6', 'latest'];
/** Files that belong in the package. */
const wanted = /^(?:dist\/.*\.(?:js|d\.ts|css)|docs\/.*\.md|(?:README|CHANGELOG|SECURITY)\.md|LICENSE|package\.json)$/;

const place = mkdtempSync(join(tmpdir(), 'fetchmany-package-'));
try {
  const tarball = pack();
  writePrograms();
  install(place, [tarball, 'esbuild', '@types/node@22']);
  expectEqual(
    'the client of queues, which is optional',
    String(existsSync(join(place, 'node_modules', 'ioredis'))),
    'false',
  );
  for (const version of nodeVersions) tryNode(version);
  tryOldNode();
  tryEsbuild();
  for (const version of typescriptVersions) tryTypeScript(version);
} finally {
  rmSync(place, { recursive: true, force: true });
}

function pack(): string {
  const output = execFileSync('npm', ['pack', '--json', '--pack-destination', place], { cwd: root, encoding: 'utf8' });
  const [packed] = Object.values(JSON.parse(output.slice(output.search(/^[[{]/m))) as Record<string, Packed>);
  const { filename, files, size } = packed!;
  const stray = files.map(({ path }) => path).filter((path) => !wanted.test(path));
  expectEqual('files that nobody needs', stray.join(), '');
  console.log(`${filename}: ${files.length} files, ${Math.round(size / 1000)} KB`);
  return join(place, filename);
}

interface Packed {
  readonly filename: string;
  readonly size: number;
  readonly files: readonly { readonly path: string }[];
}

function writePrograms(): void {
  const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { exports: object };
  const entries = Object.keys(exports)
    .filter((entry) => entry !== './package.json')
    .map((entry) => entry.slice(1));
  const names = entries.map((_, at) => `entry${at}`);
  // The mock for the types, and a real request over the real wire.
  const work = `
const { createFetcher, mockTransport } = entry0;
const fetcher = createFetcher();
const mocked = createFetcher({ transport: mockTransport(() => ({ status: 200, body: 'hello' })) });
const server = createServer((_, response) => void response.end('hello')).listen(0, '127.0.0.1', async () => {
  const { port } = server.address() as { port: number };
  const texts = [await fetcher.fetch(\`http://127.0.0.1:\${port}/\`), await mocked.fetch('https://a.test/')].map((result) =>
    result.kind === 'response' ? result.text() : result.error.code,
  );
  console.log(texts.join(' '));
  await Promise.all([fetcher.close(), mocked.close()]);
  server.close();
});
`;
  const untyped = work.replace(/ as \{.*?\}/, '');
  const imports = [
    "import { createServer } from 'node:http';",
    ...entries.map((entry, at) => `import * as ${names[at]} from 'fetchmany${entry}';`),
  ].join('\n');
  const requires = [
    "const { createServer } = require('node:http');",
    ...entries.map((entry, at) => `const ${names[at]} = require('fetchmany${entry}');`),
  ].join('\n');
  writeFileSync(join(place, 'import.mjs'), `${imports}\n${untyped}`);
  writeFileSync(join(place, 'require.cjs'), `${requires}\n${untyped}`);
  writeFileSync(
    join(place, 'typed.mts'),
    `${imports}\n${work}export type Entries = ${names.map((name) => `typeof ${name}`).join(' & ')};\n`,
  );
}

function install(folder: string, packages: readonly string[]): void {
  // The package `node` downloads its program in an install script.
  writeFileSync(join(folder, 'package.json'), '{ "private": true, "allowScripts": { "node": true } }');
  const flags = ['--no-save', '--no-audit', '--no-fund', '--prefix', folder];
  execFileSync('npm', ['install', ...flags, ...packages], { stdio: ['ignore', 'ignore', 'inherit'] });
}

/** Installs a version of Node.js in a folder of its own, and returns its path. */
function nodeOf(version: string): string {
  const folder = mkdtempSync(join(place, `node-${version}-`));
  install(folder, [`node@${version}`]);
  return join(folder, 'node_modules', '.bin', 'node');
}

function tryNode(version: string): void {
  const node = nodeOf(version);
  for (const program of ['import.mjs', 'require.cjs']) {
    expectEqual(`Node.js ${version}, ${program}`, outputOf(node, [program]), 'hello hello');
  }
  const command = 'node_modules/fetchmany/dist/bin/fetchmany.js';
  expectMatch(`Node.js ${version}, the command`, outputOf(node, [command, '--version']), /^\d+\.\d+\.\d+/);
  const run = (...args: readonly string[]): string => {
    const { status, stdout, stderr } = spawnSync(node, [command, ...args], { cwd: place, encoding: 'utf8' });
    return `${status} ${stdout}${stderr}`.trim();
  };
  expectMatch(
    `Node.js ${version}, a run`,
    run('-q', '--format', 'json', 'http://127.0.0.1:1/'),
    /^1 \{.*"CONNECT_REFUSED"/,
  );
  const missing = /^2 fetchmany: a queue needs the package ioredis: .*\(npm install ioredis\)$/;
  expectMatch(`Node.js ${version}, a queue`, run('worker', '--queue', 'redis://127.0.0.1:1/0'), missing);
}

function tryOldNode(): void {
  const node = nodeOf(oldNode);
  const sentence = /fetchmany needs Node\.js >= 22\.19, this is v20\.\d+\.\d+/;
  for (const program of ['import.mjs', 'node_modules/fetchmany/dist/bin/fetchmany.js']) {
    const { status, stderr } = spawnSync(node, [program], { cwd: place, encoding: 'utf8' });
    expectEqual(`Node.js ${oldNode}, ${program}, exit code`, String(status), '1');
    expectMatch(`Node.js ${oldNode}, ${program}`, stderr, sentence);
  }
}

/** The two ways that the FAQ names. */
function tryEsbuild(): void {
  const banner =
    "import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url);";
  const esbuild = join(place, 'node_modules', '.bin', 'esbuild');
  const formats = [
    ['cjs', 'bundle.cjs', []],
    ['esm', 'bundle.mjs', [`--banner:js=${banner}`]],
  ] as const;
  for (const [format, file, flags] of formats) {
    const options = ['--bundle', '--platform=node', '--log-level=error', `--format=${format}`, `--outfile=${file}`];
    execFileSync(esbuild, [join(place, 'import.mjs'), ...options, ...flags], { cwd: place, stdio: 'inherit' });
    expectEqual(`esbuild --format=${format}`, outputOf(process.execPath, [file]), 'hello hello');
  }
}

function tryTypeScript(version: string): void {
  const folder = mkdtempSync(join(place, `typescript-${version}-`));
  install(folder, [`typescript@${version}`]);
  const tsc = join(folder, 'node_modules', '.bin', 'tsc');
  const strict = ['--strict', '--exactOptionalPropertyTypes', '--skipLibCheck', 'false', '--types', 'node'];
  const target = ['--noEmit', '--target', 'esnext', '--lib', 'esnext', '--module', 'nodenext'];
  const { status, stdout } = spawnSync(tsc, [...strict, ...target, 'typed.mts'], { cwd: place, encoding: 'utf8' });
  expectEqual(`TypeScript ${version}`, `${status} ${stdout.trim()}`.trim(), '0');
}

function outputOf(node: string, args: readonly string[]): string {
  return execFileSync(node, args, { cwd: place, encoding: 'utf8' }).trim();
}

function expectEqual(what: string, found: string, expected: string): void {
  if (found !== expected) throw new Error(`${what}: expected ${expected || 'nothing'}, got ${found}`);
  console.log(`ok   ${what}`);
}

function expectMatch(what: string, found: string, pattern: RegExp): void {
  if (!pattern.test(found)) throw new Error(`${what}: expected ${pattern.source}, got ${found}`);
  console.log(`ok   ${what}`);
}
