/** The server of a queue, of every command that has one. */
export const queueFlag = {
  value: 'URL',
  group: 'Queue',
  what: 'Redis or Valkey server, such as redis://queue:6379/0; rediss:// uses TLS (?cacert=FILE trusts its certificates), redis+sentinel://HOST,HOST/NAME asks Sentinels, redis+unix:///PATH is a socket. FETCHMANY_QUEUE sets it too, and keeps a password off the command line',
} as const;

/** The name of a run in its queue. */
export const nameFlag = {
  value: 'NAME',
  group: 'Queue',
  what: 'name of the run on that server',
  byDefault: 'fetchmany',
} as const;
