import { fileURLToPath } from 'node:url';
import { defineConfig, type ViteUserConfig } from 'vitest/config';

// Half of the time of a run went into stripping and compiling the same files for each of hundreds of processes. Cached files are found by
// their content, and only `npm ci` removes them.
const compileCache = fileURLToPath(new URL('../node_modules/.cache/compiled', import.meta.url));

const config: ViteUserConfig = defineConfig({
  test: {
    root: '.',
    include: ['test/**/*.test.ts'],
    // A missing snapshot fails; `vitest run --update=all FILE` writes it.
    update: 'none',
    testTimeout: 20_000,
    hookTimeout: 20_000,
    env: { NODE_COMPILE_CACHE: compileCache },
  },
});
export default config;
