// Builds the documentation as a site in site/html. Its search needs no other server. Run by `npm run docs`.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vitepress';
import { sitePages } from './site-pages.ts';

const folder = fileURLToPath(new URL('../../site/pages', import.meta.url));
rmSync(folder, { recursive: true, force: true });
for (const [path, markdown] of sitePages()) {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), markdown);
}
await build(fileURLToPath(new URL('vitepress', import.meta.url)));
