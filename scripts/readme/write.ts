// Makes the sections of the README anew that come from the tables of flags: npm run readme
import { readReadme, renewed, writeReadme } from './sections.ts';

writeReadme(renewed(readReadme()));
