import { openOutput, type OutputOptions } from '../../src/outputs/files/open-output.ts';

/**
 * Writes a page to a file that is opened before the page is made: whoever named a wrong one need not wait for it. Rejects
 * with an `OutputError`.
 */
export async function writePage(
  path: string,
  options: OutputOptions,
  render: () => string | Promise<string>,
): Promise<void> {
  const output = await openOutput(path, options);
  try {
    await output.write(await render());
  } catch (error) {
    // Whatever closing says now is no news.
    await output.close().catch(() => {});
    throw error;
  }
  await output.close();
}
