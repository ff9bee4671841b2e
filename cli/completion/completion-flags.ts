/** The flags of `fetchmany completion`. */
export const completionFlags = {
  help: { short: 'h', group: 'Options', what: 'show this help' },
} as const;
