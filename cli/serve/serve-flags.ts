/** The flags of `fetchmany serve`. */
export const serveFlags = {
  port: { value: 'N', group: 'Options', what: 'port to listen on', byDefault: 'any free port' },
  host: {
    value: 'HOST',
    group: 'Options',
    what: 'address to listen on',
    byDefault: '127.0.0.1, reachable from this machine only',
  },
  help: { short: 'h', group: 'Options', what: 'show this help' },
} as const;
