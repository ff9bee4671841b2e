import { expect, test } from 'vitest';
import { moduleCommand, runShell } from './module.ts';

const tools = new URL('tools.ts', import.meta.url).href;

async function ask(required: string): Promise<string> {
  const program = moduleCommand(`
    const { hasTool } = await import('${tools}');
    try { console.log(hasTool('nothing-of-this-name')); } catch (error) { console.log(error.message); }
  `);
  return (await runShell(`REQUIRE_TOOLS=${required} ${program} 2>&1`)).stdout;
}

test('hasTool() prints a notice if a tool is missing', async () => {
  expect(await ask('strace')).toMatch(/^SKIPPED: nothing-of-this-name does not work here .*\nfalse\n$/);
});

test('hasTool() throws for a missing tool that is required', async () => {
  expect(await ask('strace,nothing-of-this-name')).toMatch(/^REQUIRE_TOOLS lists nothing-of-this-name, but /);
});
