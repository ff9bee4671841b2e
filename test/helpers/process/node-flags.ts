/**
 * Flags of Node.js for the processes of tests that run our sources. From version 24 on, Node.js keeps files without their types in its
 * compile cache; before that, we do.
 */
export const nodeFlags: readonly string[] = [
  '--no-warnings',
  ...(Number.parseInt(process.versions.node) < 24 ? ['--import', new URL('stripped.mjs', import.meta.url).href] : []),
];
