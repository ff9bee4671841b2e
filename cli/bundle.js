import { dirname, relative, resolve } from 'node:path';
import { rolldown } from 'rolldown';

const folder = 'dist/bin';

// What reads files of its own, which lie beside it, stays where it is.
const unmoved = /\/dist\/src\/outputs\/html\/document\.js$/;

// Of yargs we want the parser, and not what it draws its help with.
const partly = /\/node_modules\/(yargs|yargs-parser|cliui|string-width|y18n|escalade|get-caller-file)\//;

// Joins the command, compiled, into a few files in place of some two hundred: to look for them would take a third of its start.
// What others wrote stays in their packages.
const bundle = await rolldown({
  input: { fetchmany: 'dist/cli/bin.js', 'server-process': 'dist/cli/bench/server-process.js' },
  platform: 'node',
  plugins: [
    {
      name: 'what stays outside',
      async resolveId(id, importer) {
        if (importer === undefined) return null;
        if (isOthers(id, importer)) return { id, external: true };
        const path = resolve(dirname(importer), id);
        if (unmoved.test(path)) return { id: relative(folder, path), external: true };
        const resolved = await this.resolve(id, importer, { skipSelf: true });
        return partly.test(resolved?.id ?? '') ? { ...resolved, moduleSideEffects: false } : resolved;
      },
    },
  ],
});
await bundle.write({ dir: folder, chunkFileNames: '[name].js' });

function isOthers(id, importer) {
  return !/^[./]/.test(id) && !id.startsWith('yargs') && !partly.test(importer);
}
