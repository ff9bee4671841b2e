/** Returns the code of a system error, such as `ENOENT`; '' for anything else. */
export function systemCode(cause: unknown): string {
  return cause instanceof Error && 'code' in cause ? String(cause.code) : '';
}
