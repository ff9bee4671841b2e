/** The flags of `fetchmany completion`. */
export const completionFlags = {
  help: { short: 'h', group: 'Options', what: 'this text' },
} as const;
