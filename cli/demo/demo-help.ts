import type { Help } from '../flags/render-help.ts';
import { demoFlags } from './demo-flags.ts';

/** The help of `fetchmany demo`. */
export const demoHelp: Help = {
  usage: ['fetchmany demo [options]'],
  intro: 'Fetch five slow pages of the built-in test server, one at a time and then concurrently. Needs no network.',
  flags: demoFlags,
};
