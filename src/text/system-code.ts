import { constants } from 'node:os';

/** Returns the code of a system error, such as `ENOENT`; '' for anything else. Node has no name for an exceeded quota. */
export function systemCode(cause: unknown): string {
  if (!(cause instanceof Error)) return '';
  if ('errno' in cause && cause.errno === -constants.errno.EDQUOT) return 'EDQUOT';
  return 'code' in cause ? String(cause.code) : '';
}
