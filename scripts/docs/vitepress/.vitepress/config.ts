import { defineConfig, type DefaultTheme } from 'vitepress';
import { headingAnchor } from '../../heading-anchor.ts';

/** The pages in the side bar: one group for each question of a reader. */
const sidebar: readonly (readonly [group: string, ...pages: (readonly [text: string, link: string])[]])[] = [
  [
    'Start',
    ['Overview', '/'],
    ['Recipes', '/docs/recipes'],
    ['Coming from curl and others', '/docs/coming-from'],
    ['FAQ', '/docs/faq'],
  ],
  [
    'The command',
    ['Lists', '/docs/lists'],
    ['Records and error codes', '/docs/records'],
    ['Resume', '/docs/resume'],
    ['Keeping bodies', '/docs/saving'],
    ['Logging in', '/docs/identity'],
    ['Proxies and connections', '/docs/network'],
    ['Rates and retries', '/docs/rates-and-retries'],
    ['Progress, summary, reports', '/docs/reports'],
    ['In CI', '/docs/ci'],
    ['More than one machine', '/docs/scale-out'],
    ['All options', '/docs/cli'],
  ],
  [
    'The library',
    ['Guide', '/docs/library'],
    ['asyncio for JavaScript', '/docs/asyncio'],
    ['Hooks', '/docs/hooks'],
    ['Telemetry', '/docs/telemetry'],
    ['Examples', '/examples/'],
    ['All names', '/docs/api'],
  ],
  [
    'The project',
    ['Benchmarks', '/bench/'],
    ['Security', '/SECURITY'],
    ['Changelog', '/CHANGELOG'],
    ['Contributing', '/CONTRIBUTING'],
    ['Architecture', '/ARCHITECTURE'],
    ['Design decisions', '/docs/decisions'],
  ],
];

const groups: DefaultTheme.SidebarItem[] = sidebar.map(([text, ...pages]) => ({
  text,
  items: pages.map(([name, link]) => ({ text: name, link })),
}));

export default defineConfig({
  title: 'fetchmany',
  description: 'Fetches thousands of URLs concurrently: a command and a Node.js library',
  // Keeps browsers from asking for /favicon.ico.
  head: [['link', { rel: 'icon', href: 'data:,' }]],
  srcDir: '../../../site/pages',
  outDir: '../../../site/html',
  cacheDir: '../../../site/cache',
  themeConfig: { sidebar: groups, outline: [2, 3], search: { provider: 'local' } },
  vite: { build: { chunkSizeWarningLimit: 2000 } },
  markdown: { anchor: { slugify: headingAnchor } },
});
