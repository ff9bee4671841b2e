// Writes docs/cli.md from the flag tables, and docs/api.md from the doc comments. Run by `npm run docs`.
import { writeCliReference } from './cli-reference.ts';
import { writeLibraryReference } from './library-reference.ts';

writeCliReference();
writeLibraryReference();
