import { describe, expect, test } from 'vitest';
import { connectError } from '../../../src/transports/connect/connect-error.ts';
import { moduleCommand, runShell } from '../../helpers/process/module.ts';

const to = { hostname: 'name.test', protocol: 'https:', port: '8443' };

function native(code: string, address = '192.0.2.1'): Error {
  return Object.assign(new Error(`connect ${code}`), { code, address });
}

describe('connectError() with several addresses', () => {
  test.each<[codes: readonly string[], code: string]>([
    [['ECONNREFUSED', 'ETIMEDOUT'], 'CONNECT_REFUSED'],
    [['ENETUNREACH', 'ECONNREFUSED'], 'CONNECT_REFUSED'],
    [['EHOSTUNREACH', 'ETIMEDOUT'], 'CONNECT_TIMEOUT'],
    [['ENETUNREACH', 'EHOSTUNREACH'], 'CONNECT_UNREACHABLE'],
    [['EMFILE', 'EMFILE'], 'LOCAL_FDS'],
    // The address that was not tried might have worked.
    [['ECONNREFUSED', 'EMFILE'], 'LOCAL_FDS'],
    [['ENFILE', 'ECONNREFUSED'], 'LOCAL_FDS'],
    [['ETIMEDOUT', 'ENOBUFS'], 'LOCAL_MEMORY'],
    [['ECONNREFUSED', 'EADDRNOTAVAIL'], 'LOCAL_PORTS'],
  ])('%j is %s', (codes, code) => {
    const cause = new AggregateError(codes.map((each) => native(each)));
    expect(connectError(cause, 'connect', to)).toMatchObject({ code, cause });
  });
});

test.each([
  ['EADDRNOTAVAIL', 'LOCAL_PORTS'],
  ['EADDRINUSE', 'LOCAL_PORTS'],
  ['ENOMEM', 'LOCAL_MEMORY'],
  ['EWHATEVER', 'CONNECT_UNREACHABLE'],
])('connectError() maps %s to %s', (code, expected) => {
  expect(connectError(native(code), 'connect', to).code).toBe(expected);
});

test('connectError() does not take a machine without IPv6 for one without ports', async ({ skip }) => {
  const offline = (await runShell('unshare -n true')).code === 0;
  skip(!offline, 'no permission to create a network namespace here (unshare -n)');
  const { stdout } = await runShell(
    `unshare -n bash -c '
      echo 1 > /proc/sys/net/ipv6/conf/all/disable_ipv6; echo 1 > /proc/sys/net/ipv6/conf/lo/disable_ipv6; exec "$@"
    ' - ${moduleCommand(`
      import { createFetcher } from '#src/index.ts';
      const fetcher = createFetcher({ retry: { retries: 0 }, urlDeadlineMs: 5000 });
      for (const host of ['[2001:db8::1]', '[::1]']) {
        const { error, attempts } = await fetcher.fetch('http://' + host + ':9/');
        console.log(error.code, error.cause.code, attempts);
      }
      await fetcher.close();
    `)}`,
  );
  expect(stdout).toBe('CONNECT_UNREACHABLE EADDRNOTAVAIL 1\n'.repeat(2));
});
