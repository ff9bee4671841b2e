import { openWholeFile, type WholeFileOptions } from '../../src/outputs/files/open-whole-file.ts';

/** Options of {@link writePage}. */
export interface PageOptions extends Pick<WholeFileOptions, 'overwrite'> {
  /** Tells whether the rendered page lacks something: then it does not replace an older page. */
  readonly isPartial?: () => boolean;
}

/**
 * Writes a page to a file, which is replaced as a whole or not at all. The file is opened before the page is rendered,
 * so that a wrong name is reported at once. Rejects with an `OutputError`.
 */
export async function writePage(
  path: string,
  { overwrite = false, isPartial = () => false }: PageOptions,
  render: () => string | Promise<string>,
): Promise<void> {
  // Pages are made to be shared: unlike records they are not for their owner only.
  const output = await openWholeFile(path, { overwrite, mode: 0o666 });
  try {
    await output.write(await render());
    if (output.isReplacing && isPartial()) return await output.discard();
  } catch (error) {
    await output.discard().catch(() => {});
    throw error;
  }
  await output.close();
}
