// Builds dist/: the library as modules, the command bundled into dist/bin. Run by `npm run build`.
import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, rmSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown, type Plugin } from 'rolldown';

const root = fileURLToPath(new URL('..', import.meta.url));
const at = (path: string): string => resolve(root, path);

/** Leaves packages, and the module that reads its neighbours as files, outside the bundle. */
const keepOutside: Plugin = {
  name: 'keep outside',
  async resolveId(id, importer) {
    if (importer === undefined) return null;
    if (isPackage(id, importer)) return { id, external: true };
    const path = resolve(dirname(importer), id);
    if (path === at('src/pages/document.ts')) {
      return { id: relative(at('dist/bin'), at('dist/pages/document.js')), external: true };
    }
    const resolved = await this.resolve(id, importer, { skipSelf: true });
    return resolved && isPartOfYargs(resolved.id) ? { ...resolved, moduleSideEffects: false } : resolved;
  },
};

/** The modules that `fetchmany URL` loads after its flags. */
const startsFetch = new Set(['cli/fetch/fetch-plan.ts', 'cli/fetch/run.ts', 'src/outputs/formats/text.ts'].map(at));

rmSync(at('dist'), { recursive: true, force: true });
compile('tsconfig.build.json');
compile('src/pages/browser/tsconfig.json');
cpSync(at('src/pages/browser/styles'), at('dist/pages/browser/styles'), { recursive: true });
await bundleCommand();
chmodSync(at('dist/bin/fetchmany.js'), 0o755);

function compile(project: string): void {
  const tsc = at('node_modules/typescript/bin/tsc');
  execFileSync(process.execPath, [tsc, '-p', at(project), '--noEmit', 'false'], { stdio: 'inherit' });
}

/** Joins the command's modules into a few files: resolving some two hundred would take a third of its start-up time. */
async function bundleCommand(): Promise<void> {
  const bundle = await rolldown({
    input: { fetchmany: at('cli/bin.ts'), 'server-process': at('cli/bench/server-process.ts') },
    platform: 'node',
    plugins: [keepOutside],
  });
  // What one run loads. Left alone, each set of commands that share a module would have a file of its own, 90 for a run.
  const groups = [
    { name: 'start', test: at('cli/main.ts') },
    { name: 'flags', test: at('cli/fetch/fetch.ts') },
    { name: 'options', test: at('src/fetcher/options.ts') },
    { name: 'report', test: at('cli/report/run.ts') },
    { name: 'fetch', test: (id: string) => startsFetch.has(id) },
  ];
  await bundle.write({ dir: at('dist/bin'), chunkFileNames: '[name].js', codeSplitting: { groups } });
}

function isPackage(id: string, importer: string): boolean {
  return !/^[./]/.test(id) && !id.startsWith('yargs') && !isPartOfYargs(importer);
}

/** We bundle yargs' parser only; without side effects, what it draws its help with is dropped. */
function isPartOfYargs(path: string): boolean {
  return /\/node_modules\/(yargs|yargs-parser|cliui|string-width|y18n|escalade|get-caller-file)\//.test(path);
}
