// Writes docs/cli.md from the flag tables. Run by `npm run docs`.
import { writeCliReference } from './cli-reference.ts';

writeCliReference();
