import { hidePassword } from '../../http/request.ts';

/** Returns the address of a queue without its passwords, for messages. */
export function shownAddress(address: string): string {
  return hidePassword(address).replaceAll(/([?&]sentinel-password=)[^&#]*/g, '$1***');
}
