/** The flags of `fetchmany demo`. */
export const demoFlags = {
  'no-color': { group: 'Options', what: 'no colours, nor where NO_COLOR is set' },
  help: { short: 'h', group: 'Options', what: 'this text' },
} as const;
