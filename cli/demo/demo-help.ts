import { renderHelp } from '../flags/render-help.ts';
import { demoFlags } from './demo-flags.ts';

/** Returns the text of `fetchmany demo --help`. */
export function demoHelp(): string {
  return renderHelp({
    usage: ['fetchmany demo [options]'],
    intro: 'Fetch five slow pages of the built-in test server, one at a time and then concurrently. Needs no network.',
    flags: demoFlags,
  });
}
