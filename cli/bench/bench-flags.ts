/** The flags of `fetchmany bench`, in the order of its help. What becomes of them stands in `plan.ts`. */
export const benchFlags = {
  input: {
    short: 'i',
    value: 'FILE',
    group: 'What is measured',
    what: 'a list of URLs, one per line; - is standard input; repeatable',
  },
  levels: {
    value: 'LIST',
    group: 'What is measured',
    what: 'how many in flight at once; 1 is always among them',
    byDefault: '1,8,32',
  },
  repeat: { value: 'N', group: 'What is measured', what: 'rounds that count', byDefault: '3' },
  requests: {
    value: 'N',
    group: 'What is measured',
    what: 'requests of each level in a round, from the start of the list, over and over',
    byDefault: '96, or twice the highest level if that is more',
  },
  'per-host': {
    value: 'N',
    group: 'What is measured',
    what: 'in flight at once to one host',
    byDefault: 'as many as the level',
  },
  timeout: {
    short: 't',
    value: 'TIME',
    group: 'Request',
    what: 'one request, which is not retried',
    option: 'timeoutMs',
  },
  header: { short: 'H', value: "'NAME: V'", group: 'Request', what: 'a request header; repeatable', option: 'headers' },
  insecure: { short: 'k', group: 'Request', what: 'do not verify TLS certificates', option: 'tls.rejectUnauthorized' },
  cacert: { value: 'FILE', group: 'Request', what: 'certificates to trust, in PEM', option: 'tls.ca' },
  http2: { group: 'Request', what: 'offer HTTP/2', option: 'http2' },
  expect: { value: 'LIST', group: 'Request', what: 'statuses that are ok', option: 'expect' },
  json: { short: 'j', group: 'Output', what: 'one JSON object' },
  quiet: { short: 'q', group: 'Output', what: 'nothing but the result' },
  help: { short: 'h', group: 'Output', what: 'this text' },
} as const;
