import { printable } from './printable.ts';

/** A host (scheme, name and port) as a person is shown it: that it is https goes without saying. */
export function shownHost(host: string): string {
  return printable(host.replace(/^https:\/\//, ''));
}
