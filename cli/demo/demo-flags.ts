/** The flags of `fetchmany demo`. */
export const demoFlags = {
  'no-color': { group: 'Options', what: 'disable colours, as NO_COLOR does' },
  help: { short: 'h', group: 'Options', what: 'show this help' },
} as const;
