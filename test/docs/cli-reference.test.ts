import { format, resolveConfig } from 'prettier';
import { expect, test } from 'vitest';
import { completed } from '../../cli/completion/completed.ts';
import { exitMeanings } from '../../cli/exit-code.ts';
import { readCliReference, renderCliReference } from '../../scripts/docs/cli-reference.ts';

test('docs/cli.md is what the flag tables say; `npm run docs` writes it', () => {
  expect(readCliReference(), 'docs/cli.md is out of date: run `npm run docs`').toBe(renderCliReference());
});

test('docs/cli.md is formatted as Prettier would', async () => {
  const path = new URL('../../docs/cli.md', import.meta.url);
  const options = await resolveConfig(path);
  expect(await format(renderCliReference(), { ...options, parser: 'markdown' })).toBe(renderCliReference());
});

test('docs/cli.md has every command, every flag and every exit code', () => {
  const text = renderCliReference();
  for (const { name, flags } of completed) {
    if (name === 'help') continue;
    const heading = name === 'fetch' ? '## fetchmany\n' : `## fetchmany ${name}\n`;
    expect(text).toContain(heading);
    const section = text.slice(text.indexOf(heading)).split(/\n## /)[0]!;
    for (const flag of Object.keys(flags)) expect(section).toMatch(new RegExp(`^- \`(-\\w, )?--${flag}[ \`[]`, 'm'));
  }
  for (const code of exitMeanings.keys()) expect(text).toContain(`\n- \`${code}\`: `);
});
