import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Parser } from 'htmlparser2';
import { beforeAll, expect, test } from 'vitest';
import { browser, hasBrowser } from '../helpers/process/browser.ts';
import { serve } from '../helpers/servers/serve.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const site = join(root, 'site', 'html');
const chromium = browser();

beforeAll(() => {
  execFileSync(process.execPath, ['scripts/docs/build-site.ts'], { cwd: root, stdio: 'pipe' });
}, 120_000);

interface SitePage {
  readonly links: readonly string[];
  readonly ids: ReadonlySet<string>;
}

/** Reads the pages by their path on the site. */
function readPages(): ReadonlyMap<string, SitePage> {
  const files = readdirSync(site, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.html'));
  return new Map(files.map((file) => [`/${file}`, parsePage(readFileSync(join(site, file), 'utf8'))]));
}

function parsePage(html: string): SitePage {
  const links: string[] = [];
  const ids = new Set<string>();
  const parser = new Parser({
    onopentag(name, { href, src, id }) {
      if (id !== undefined) ids.add(id);
      for (const link of [href, src]) if (link !== undefined && name !== 'base') links.push(link);
    },
  });
  parser.end(html);
  return { links, ids };
}

test('every link within the site leads to a file and a heading that exist', () => {
  const pages = readPages();
  expect(pages.size).toBeGreaterThan(40);
  const broken = Array.from(pages, ([path, { links }]) =>
    links.filter((link) => isBroken(new URL(link, `http://site${path}`), pages)).map((link) => `${path}: ${link}`),
  ).flat();
  expect(broken).toEqual([]);
});

test('the side bar and the README name every page of docs/', () => {
  const names = readdirSync(join(root, 'docs')).map((name) => basename(name, '.md'));
  // The page of a program has no links but those around it.
  const sideBar = readPages().get('/examples/04-gather.ts.html')!.links;
  const readme = readFileSync(join(root, 'README.md'), 'utf8');
  expect(names.filter((name) => !sideBar.includes(`/docs/${name}.html`))).toEqual([]);
  expect(names.filter((name) => !readme.includes(`](docs/${name}.md`))).toEqual([]);
});

function isBroken({ host, pathname, hash }: URL, pages: ReadonlyMap<string, SitePage>): boolean {
  if (host !== 'site') return false;
  const path = pathname.endsWith('/') ? `${pathname}index.html` : pathname;
  if (!existsSync(join(site, path))) return true;
  return hash !== '' && !pages.get(path)!.ids.has(decodeURIComponent(hash.slice(1)));
}

const types: Readonly<Record<string, string>> = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css' };

test.skipIf(!hasBrowser)(
  'the search of the site finds a page, and the site asks no other host',
  { timeout: 60_000 },
  async () => {
    await using server = await serve((response, { path }) => {
      const file = join(site, path.endsWith('/') ? `${path}index.html` : path);
      response.setHeader('content-type', types[extname(file)] ?? 'application/octet-stream').end(readFileSync(file));
    });
    const page = await chromium.newPage();
    const elsewhere: string[] = [];
    page.on('request', (request) => {
      if (!request.url().startsWith(server.url)) elsewhere.push(request.url());
    });
    await page.goto(`${server.url}/docs/recipes.html`);
    await page.waitForFunction(`'__vue_app__' in document.querySelector('#app')`);
    await page.keyboard.press('Control+k');
    await page.getByRole('searchbox').fill('resume');
    await page.locator('#localsearch-list a[href$="/docs/resume.html#resume"]').click();
    await page.waitForURL(/\/docs\/resume\.html/);
    // The address changes before the page does.
    await page.getByRole('heading', { level: 1, name: /Resume/ }).waitFor();
    expect(elsewhere).toEqual([]);
  },
);
