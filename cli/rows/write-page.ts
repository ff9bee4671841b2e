import { openOutput, type OutputOptions } from '../../src/outputs/files/open-output.ts';

/**
 * Renders a page and writes it to a file. Opens the file first, so that a wrong name is reported before any work is
 * done. Rejects with an `OutputError`.
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
    // An error while closing must not hide the first one.
    await output.close().catch(() => {});
    throw error;
  }
  await output.close();
}
