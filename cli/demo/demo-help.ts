import { renderHelp } from '../flags/render-help.ts';
import { demoFlags } from './demo-flags.ts';

/** What `fetchmany demo --help` prints. */
export function demoHelp(): string {
  return renderHelp({
    usage: ['fetchmany demo [options]'],
    intro: 'Fetches five slow pages of a server of its own, one by one and then together. Needs no network.',
    flags: demoFlags,
  });
}
