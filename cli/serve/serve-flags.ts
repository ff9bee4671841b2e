/** The flags of `fetchmany serve`. */
export const serveFlags = {
  port: { value: 'N', group: 'Options', what: 'what port to listen on', byDefault: 'one that is free' },
  host: {
    value: 'HOST',
    group: 'Options',
    what: 'what address to listen on',
    byDefault: '127.0.0.1, which only this machine can reach',
  },
  help: { short: 'h', group: 'Options', what: 'this text' },
} as const;
