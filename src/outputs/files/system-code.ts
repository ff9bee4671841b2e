import { constants } from 'node:os';

/** Names the code of a system error. Node has no name for an exceeded quota. */
export function systemCode(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  if ('errno' in cause && cause.errno === -constants.errno.EDQUOT) return 'EDQUOT';
  return 'code' in cause ? String(cause.code) : String(cause);
}
