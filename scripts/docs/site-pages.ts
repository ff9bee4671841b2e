import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Returns the pages of the documentation site as Markdown, by their path below the repository. */
export function sitePages(): ReadonlyMap<string, string> {
  const texts = ['', 'docs', 'examples', 'bench'].flatMap((folder) => filesOf(folder, '.md')).map(textPage);
  const programs = ['examples', 'examples/telemetry', 'examples/transports']
    .flatMap((folder) => filesOf(folder, '.ts'))
    .map(programPage);
  return new Map([...texts, ...programs]);
}

type Page = readonly [path: string, markdown: string];

function filesOf(folder: string, extension: string): string[] {
  return readdirSync(join(root, folder))
    .filter((name) => name.endsWith(extension))
    .map((name) => join(folder, name));
}

function textPage(path: string): Page {
  const text = readFileSync(join(root, path), 'utf8');
  // Searches are for what is, not for what has changed.
  const head = path === 'CHANGELOG.md' ? '---\nsearch: false\n---\n\n' : '';
  return [pageOf(path), head + text.replaceAll(/(?<=\]\()(?!https?:)[^)#]+/g, pageOf)];
}

/** Shows a program as a page of its own, so that links to it stay on the site. */
function programPage(path: string): Page {
  const code = readFileSync(join(root, path), 'utf8');
  return [pageOf(path), `# ${basename(path, '.ts')}\n\n\`\`\`ts\n${code}\`\`\`\n`];
}

/** Returns the page that shows a file of the repository. */
function pageOf(path: string): string {
  return path.replace(/README\.md$/, 'index.md').replace(/\.ts$/, '.ts.md');
}
