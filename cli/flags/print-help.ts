import type { Help } from './render-help.ts';

/** Prints the help of a command. Loads the renderer only now, which keeps the start-up of other runs short. */
export async function printHelp(help: Help): Promise<void> {
  const { renderHelp } = await import('./render-help.ts');
  process.stdout.write(renderHelp(help));
}
