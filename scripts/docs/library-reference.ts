import { readFileSync, writeFileSync } from 'node:fs';
import { Declarations, type Exported } from '../api/declarations.ts';
import { declarationsOf, publicEntries, withDeclarations } from '../api/report.ts';

const path = new URL('../../docs/api.md', import.meta.url);

/** Reads the checked-in reference of the library. */
export function readLibraryReference(): string {
  return readFileSync(path, 'utf8');
}

/** Writes the reference of the library. */
export function writeLibraryReference(): void {
  writeFileSync(path, renderLibraryReference());
}

/** Renders the reference of the library: every export with its doc comment and its declaration. */
export function renderLibraryReference(): string {
  return withDeclarations([], (folder) => {
    const declarations = new Declarations();
    const entries = publicEntries().map(([entry, file]) => ({
      entry,
      all: declarations.exportsOf(declarationsOf(folder, file)).sort(byName),
    }));
    const contents = entries.map(({ entry, all }) => `- \`${entry}\`: ${all.map(linkTo).join(', ')}`);
    // A name of several entries has one section, under the first of them.
    const shown = new Set<string>();
    const sections = entries.flatMap(({ entry, all }) => {
      const own = all.filter(({ name }) => !shown.has(name));
      for (const { name } of own) shown.add(name);
      return [`## ${entry}`, ...own.map(section)];
    });
    return `${[head, contents.join('\n'), ...sections].join('\n\n').replaceAll(/\n{3,}/g, '\n\n')}\n`;
  });
}

const head = `# Reference of the library

Made by \`npm run docs\` from the doc comments. [The library](library.md) explains how the parts work together.`;

function byName(one: Exported, other: Exported): number {
  return one.name < other.name ? -1 : 1;
}

function linkTo({ name }: Exported): string {
  return `[${name}](#${name.toLowerCase()})`;
}

function section({ name, declaration }: Exported): string {
  const { doc, text } = declaration;
  const code = `\`\`\`ts\n${text
    .replaceAll('export declare ', '')
    .replaceAll(/^export /gm, '')
    .replaceAll(/^ *#private;\n/gm, '')}\n\`\`\``;
  return [`### ${name}`, ...(doc === undefined ? [] : [toMarkdown(doc)]), code].join('\n\n');
}

/** Turns a doc comment into Markdown: tags become the items of a list. */
function toMarkdown(doc: string): string {
  return doc
    .replace(/^\/\*\*/, '')
    .replace(/\*\/$/, '')
    .split('\n')
    .map((line) => line.replace(/^ *\* ?/, ''))
    .join('\n')
    .replaceAll(/\{@link ([^}]+)\}/g, '`$1`')
    .replaceAll(/^@param (\w+)(?: -)? /gm, '- `$1`: ')
    .replaceAll(/^@throws /gm, '- Throws ')
    .replaceAll(/^@returns /gm, '- Returns ')
    .replaceAll(/^@default /gm, '- Default: ')
    .replaceAll(/^@example\n/gm, '\n')
    .replaceAll(/^ {2,}(?=\w)/gm, '  ')
    .trim();
}
