import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Declarations, type Declaration, type Exported } from './declarations.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** The checked-in report of the public API. */
export const reportPath: string = join(root, 'test/public/api.md');

/**
 * Returns every public entry of the package with its built file, as package.json exports them: `['fetchmany',
 * 'dist/index.js']`.
 */
export function publicEntries(): (readonly [entry: string, file: string])[] {
  const { name, exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    name: string;
    exports: Record<string, string | { default: string }>;
  };
  return Object.entries(exports).flatMap(([path, target]) =>
    typeof target === 'string' ? [] : [[path.replace('.', name), target.default.replace('./', '')] as const],
  );
}

/** Describes the public API as the compiler sees it: exports and their declarations, without comments. */
export function apiReport(): string {
  return withDeclarations(['--removeComments'], render);
}

/** Emits the declarations of a build into a folder, for as long as `use` runs. */
export function withDeclarations<T>(flags: readonly string[], use: (folder: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'fetchmany-api-'));
  try {
    emitDeclarations(folder, flags);
    return use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Returns the declaration file of an entry. */
export function declarationsOf(folder: string, file: string): string {
  return resolve(folder, file.replace(/^dist\/(.*)\.js$/, '$1.d.ts'));
}

function emitDeclarations(folder: string, flags: readonly string[]): void {
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  const options = ['--emitDeclarationOnly', ...flags, '--outDir', folder];
  execFileSync(process.execPath, [tsc, '-p', join(root, 'tsconfig.build.json'), ...options], { stdio: 'inherit' });
}

function render(folder: string): string {
  const declarations = new Declarations();
  const reached = new Map<string, Declaration>();
  const parts = [
    '# Public API\n',
    'Made by `npm run api` from the declarations of a build. A change here is a change of the public API.\n',
  ];
  for (const [entry, file] of publicEntries()) {
    const all = declarations.exportsOf(declarationsOf(folder, file));
    for (const { declaration } of all) reach(declaration, reached);
    parts.push(`## ${entry}\n`, `${all.map(line).sort(byText).join('\n')}\n`);
  }
  parts.push('## Declarations\n', 'Those of the exports, and of everything they mention.\n');
  const texts = [...reached.values()].sort((a, b) => byText(a.name, b.name) || byText(a.text, b.text));
  parts.push(`\`\`\`ts\n${texts.map(({ text }) => text).join('\n\n')}\n\`\`\`\n`);
  return parts.join('\n');
}

function line({ name, isTypeOnly, declaration }: Exported): string {
  return `- ${isTypeOnly ? 'type ' : ''}${declaration.name === name ? name : `${declaration.name} as ${name}`}`;
}

function reach(declaration: Declaration, reached: Map<string, Declaration>): void {
  if (reached.has(declaration.key)) return;
  reached.set(declaration.key, declaration);
  for (const mentioned of declaration.mentions()) reach(mentioned, reached);
}

function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
