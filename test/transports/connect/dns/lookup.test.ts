import type { LookupAddress } from 'node:dns';
import { mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test, vi } from 'vitest';
import { byFamily } from '../../../../src/transports/connect/address-order.ts';
import { parseHosts } from '../../../../src/transports/connect/dns/hosts-file.ts';
import { DnsLookup, type LookupSources } from '../../../../src/transports/connect/dns/lookup.ts';
import { parseSearchList, searchFor } from '../../../../src/transports/connect/dns/resolv-conf.ts';
import { serveDns, zoneOf, type DnsAnswer, type DnsServer } from '../../../helpers/servers/dns-server.ts';
import { ended, moduleCommand, runShell, startShell } from '../../../helpers/process/module.ts';
import { noFiles } from '../../../helpers/named-fetcher.ts';

interface Found {
  readonly code: string | undefined;
  readonly addresses: readonly string[];
  readonly ms: number;
}

function lookupAt(server: DnsServer, sources: LookupSources = {}): DnsLookup {
  return new DnsLookup({ ...noFiles, servers: [server.address], ...sources });
}

function find(lookup: DnsLookup, name: string): Promise<Found> {
  const start = performance.now();
  return new Promise((resolve) => {
    lookup.resolve(name, (error, found) => {
      resolve({ code: error?.code, addresses: addressesOf(found), ms: performance.now() - start });
    });
  });
}

/** Looks up one name at a server with one answer to everything. */
async function findWhere(answer: DnsAnswer | undefined): Promise<Found> {
  await using server = await serveDns(() => answer);
  const found = await find(lookupAt(server), 'name.example');
  return found;
}

const addressesOf = (found: readonly LookupAddress[]): string[] => found.map(({ address }) => address);
const names = (count: number, word: string): string[] =>
  Array.from({ length: count }, (_, at) => `${word}${at}.example`);

describe('DnsLookup finds', () => {
  test('the addresses of both families, IPv6 first', async () => {
    await using server = await serveDns(zoneOf({ 'both.example': ['192.0.2.1', 'fd00::1', '192.0.2.2'] }));
    expect((await find(lookupAt(server), 'both.example')).addresses).toEqual(['fd00::1', '192.0.2.1', '192.0.2.2']);
  });

  test.for([
    ['IPv4', '192.0.2.1'],
    ['IPv6', '2001:db8::1'],
  ])('a name that has only %s', async ([, address]) => {
    await using server = await serveDns(zoneOf({ 'one.example': [address!] }));
    expect(await find(lookupAt(server), 'one.example')).toMatchObject({ code: undefined, addresses: [address] });
  });

  test.for<[string, DnsAnswer | undefined]>([
    ['SERVFAIL', { rcode: 2 }],
    ['NXDOMAIN', { rcode: 3 }],
    ['REFUSED', { rcode: 5 }],
    ['garbage', { bytes: Buffer.from('garbage') }],
    ['silence', undefined],
  ])('a name whose server answers AAAA with %s', async ([, answer]) => {
    await using server = await serveDns(({ type }) => (type === 'AAAA' ? answer : { addresses: ['192.0.2.1'] }));
    expect(await find(lookupAt(server), 'half.example')).toMatchObject({ code: undefined, addresses: ['192.0.2.1'] });
  });

  test('a name whose server answers only AAAA', async () => {
    await using server = await serveDns(({ type }) => (type === 'A' ? undefined : { addresses: ['2001:db8::1'] }));
    const found = await find(lookupAt(server), 'six.example');
    expect(found).toMatchObject({ code: undefined, addresses: ['2001:db8::1'] });
    expect(found.ms).toBeLessThan(2000);
  });

  test('a name behind aliases', async () => {
    const found = await findWhere({ aliases: ['www.example', 'cdn.example'], addresses: ['192.0.2.1'] });
    expect(found.addresses).toEqual(['192.0.2.1']);
  });

  test('a thousand addresses, over TCP because the answer was truncated', async () => {
    const many = Array.from({ length: 1000 }, (_, at) => `10.0.${at >> 8}.${at & 255}`);
    await using server = await serveDns(({ type }) => ({
      addresses: many,
      isTruncated: type === 'A',
    }));
    expect((await find(lookupAt(server), 'many.example')).addresses).toEqual(many);
    expect(server.questions.some(({ over }) => over === 'tcp')).toBe(true);
  });

  test('a name whose first name server is dead', async () => {
    await using silent = await serveDns(() => undefined);
    await using server = await serveDns(zoneOf({ 'name.example': ['192.0.2.1'] }));
    const lookup = new DnsLookup({ ...noFiles, servers: [silent.address, server.address] });
    expect(await find(lookup, 'name.example')).toMatchObject({ code: undefined, addresses: ['192.0.2.1'] });
  });

  test('a name whose packets are lost once', async () => {
    await using server = await serveDns(({ name, type }) =>
      server.count(name, type as 'A') > 1 ? { addresses: ['192.0.2.1'] } : undefined,
    );
    expect(await find(lookupAt(server), 'lost.example')).toMatchObject({ code: undefined, addresses: ['192.0.2.1'] });
  });
});

describe('DnsLookup reports', () => {
  test.for<[string, DnsAnswer, string]>([
    ['NXDOMAIN', { rcode: 3 }, 'ENOTFOUND'],
    ['no address', {}, 'ENODATA'],
    ['aliases without end', { aliases: ['other.example', 'name.example'] }, 'ENOTFOUND'],
    ['SERVFAIL', { rcode: 2 }, 'ESERVFAIL'],
    ['REFUSED', { rcode: 5 }, 'EREFUSED'],
    ['garbage', { bytes: Buffer.from('garbage') }, 'EBADRESP'],
  ])('%s', async ([, answer, code]) => {
    expect(await findWhere(answer)).toMatchObject({ code, addresses: [] });
  });

  test('a missing answer for one family when the other has no address', { concurrent: true }, async () => {
    await using server = await serveDns(({ type }) => ({ rcode: type === 'A' ? 3 : 2 }));
    expect((await find(lookupAt(server), 'name.example')).code).toBe('ESERVFAIL');
  });

  test.for(['a..b', '.example', `${'a'.repeat(64)}.example`, `${'a.'.repeat(127)}b`, 'x.invalid', 'invalid.'])(
    '%s, without asking anybody',
    async (name) => {
      await using server = await serveDns(() => ({ addresses: ['192.0.2.1'] }));
      expect((await find(lookupAt(server), name)).code).toBe('ENOTFOUND');
      expect(server.questions).toEqual([]);
    },
  );

  test('a temporary error without a name server, as the name may exist', async () => {
    const lookup = new DnsLookup({ ...noFiles, servers: ['127.0.0.1:1'] });
    expect((await find(lookup, 'never.example')).code).toBe('EAI_AGAIN');
  });
});

// These wait for their limits together.
describe('DnsLookup without an answer', () => {
  test.for<[string, DnsAnswer | undefined]>([
    ['silence', undefined],
    ['empty packets', { bytes: Buffer.alloc(0) }],
    ['answers to other questions', { addresses: ['192.0.2.1'], hasWrongId: true }],
  ])('reports %s, within 5 s', { concurrent: true }, async ([, answer]) => {
    const found = await findWhere(answer);
    expect(found).toMatchObject({ code: 'ETIMEOUT', addresses: [] });
    expect(found.ms).toBeGreaterThan(3000);
    expect(found.ms).toBeLessThan(6000);
  });

  test.for([8, 500])('%i names without an answer do not hold up another one', { concurrent: true }, async (count) => {
    const good = names(20, 'good');
    await using server = await serveDns(({ name }) =>
      name.startsWith('dead') ? undefined : { addresses: ['192.0.2.1'] },
    );
    const lookup = lookupAt(server);
    const dead = names(count, 'dead').map((name) => find(lookup, name));
    const first = await Promise.all(good.map((name) => find(lookup, name)));
    // Again, while the dead ones are retried.
    await sleep(1500);
    const second = await Promise.all(good.map((name) => find(lookup, `again.${name}`)));
    for (const { code, ms } of [...first, ...second]) {
      expect(code).toBeUndefined();
      expect(ms).toBeLessThan(1000);
    }
    const ends = await Promise.all(dead);
    for (const { code, ms } of ends) {
      expect(code).toBe('ETIMEOUT');
      expect(ms).toBeLessThan(7000);
    }
  });
});

describe('DnsLookup under load', () => {
  test('finds 5,000 names at once', { timeout: 60_000 }, async () => {
    await using server = await serveDns(() => ({ addresses: ['192.0.2.1'] }));
    const lookup = lookupAt(server);
    let missing: readonly string[] = names(5000, 'name');
    // A busy machine may need longer than the limit of a query. A query that timed out is asked again, as a fetcher
    // does.
    for (let round = 0; round < 5 && missing.length > 0; round += 1) {
      const found = await Promise.all(missing.map((name) => find(lookup, name)));
      expect(new Set(found.map(({ code }) => code ?? 'ETIMEOUT'))).toEqual(new Set(['ETIMEOUT']));
      missing = missing.filter((_, at) => found[at]!.code !== undefined);
    }
    expect(missing).toEqual([]);
  });
});

describe('DnsLookup saves queries', () => {
  test('by sharing one among 10,000 lookups of a name', async () => {
    await using server = await serveDns(zoneOf({ 'one.example': ['192.0.2.1'] }));
    const lookup = lookupAt(server);
    const found = await Promise.all(Array.from({ length: 10_000 }, () => find(lookup, 'one.example')));
    expect(new Set(found.map(({ addresses }) => addresses.join()))).toEqual(new Set(['192.0.2.1']));
    await find(lookup, 'one.example');
    expect(server.questions).toHaveLength(2);
  });

  test('by caching an answer for its TTL, and for at least a second', async () => {
    await using server = await serveDns(zoneOf({ 'brief.example': ['192.0.2.1'] }, 0));
    const lookup = lookupAt(server);
    await find(lookup, 'brief.example');
    await find(lookup, 'brief.example');
    expect(server.count('brief.example', 'A')).toBe(1);
    await sleep(1100);
    await find(lookup, 'brief.example');
    expect(server.count('brief.example', 'A')).toBe(2);
  });

  test('by caching "not found", but not a temporary error', async () => {
    await using server = await serveDns(({ name }) => ({ rcode: name === 'none.example' ? 3 : 2 }));
    const lookup = lookupAt(server);
    for (const name of ['none.example', 'none.example', 'later.example', 'later.example']) await find(lookup, name);
    expect(server.count('none.example', 'A')).toBe(1);
    expect(server.count('later.example', 'A')).toBe(2);
  });

  test('by cancelling one without callbacks; the next lookup asks again', async () => {
    let isSilent = true;
    await using server = await serveDns(() => (isSilent ? undefined : { addresses: ['192.0.2.1'] }));
    const lookup = lookupAt(server);
    const heard: unknown[] = [];
    const leave = [1, 2].map((who) => lookup.resolve('name.example', () => heard.push(who)));
    await sleep(100);
    leave[0]!();
    expect(server.count('name.example', 'A')).toBe(1);
    leave[1]!();
    isSilent = false;
    expect((await find(lookup, 'name.example')).addresses).toEqual(['192.0.2.1']);
    expect(heard).toEqual([]);
  });

  test('by not asking for a name that is cancelled first', async () => {
    await using server = await serveDns(() => undefined);
    const lookup = lookupAt(server);
    lookup.resolve('name.example', () => expect.fail('called back'))();
    await sleep(50);
    expect(server.questions).toEqual([]);
  });
});

describe('DnsLookup knows without a name server', () => {
  test.for(['localhost', 'localhost.', 'LOCALHOST', 'any.localhost', 'any.thing.localhost.'])('%s', async (name) => {
    const lookup = new DnsLookup({ ...noFiles, servers: ['127.0.0.1:1'] });
    expect((await find(lookup, name)).addresses).toEqual(['127.0.0.1', '::1']);
  });

  test('the names of the hosts file, also after it has changed', async () => {
    await using server = await serveDns(() => ({ rcode: 3 }));
    const directory = await mkdtemp(join(tmpdir(), 'fetchmany-'));
    const hostsFile = join(directory, 'hosts');
    await writeFile(hostsFile, '192.0.2.1 box.example # a comment\n192.0.2.2\tother.example alias.example\n');
    const lookup = lookupAt(server, { hostsFile });
    expect((await find(lookup, 'box.example.')).addresses).toEqual(['192.0.2.1']);
    expect((await find(lookup, 'ALIAS.example')).addresses).toEqual(['192.0.2.2']);
    await writeFile(hostsFile, '192.0.2.9 box.example\n');
    await utimes(hostsFile, new Date(), new Date(Date.now() + 5000));
    await sleep(1100);
    expect((await find(lookup, 'box.example.')).addresses).toEqual(['192.0.2.9']);
    expect(server.questions).toEqual([]);
    await rm(directory, { recursive: true });
  });
});

test('DnsLookup searches the domains of resolv.conf', async () => {
  await using server = await serveDns(
    zoneOf({ 'api.team.cluster.example': ['192.0.2.1'], 'www.example': ['192.0.2.2'] }),
  );
  const directory = await mkdtemp(join(tmpdir(), 'fetchmany-'));
  const resolverFile = join(directory, 'resolv.conf');
  await writeFile(resolverFile, 'search svc.example cluster.example\noptions ndots:5\n');
  const lookup = lookupAt(server, { resolverFile });
  expect((await find(lookup, 'api.team')).addresses).toEqual(['192.0.2.1']);
  expect((await find(lookup, 'www.example')).addresses).toEqual(['192.0.2.2']);
  expect((await find(lookup, 'none.example')).code).toBe('ENOTFOUND');
  expect(server.questions.filter(({ type }) => type === 'A').map(({ name }) => name)).toEqual([
    'api.team.svc.example',
    'api.team.cluster.example',
    'www.example.svc.example',
    'www.example.cluster.example',
    'www.example',
    'none.example.svc.example',
    'none.example.cluster.example',
    'none.example',
  ]);
  await rm(directory, { recursive: true });
});

test.for<[string, string, string[]]>([
  ['', 'a.b', ['a.b']],
  ['search x.y z', 'a.b', ['a.b', 'a.b.x.y', 'a.b.z']],
  ['search x.y z', 'a.b.', ['a.b']],
  ['domain x.y.\nsearch z', 'a.b', ['a.b', 'a.b.z']],
  ['search .', 'a.b', ['a.b']],
  ['search X\noptions timeout:1 ndots:3', 'a.b.c', ['a.b.c.x', 'a.b.c']],
  ['search x\noptions ndots:nonsense', 'a.b', ['a.b', 'a.b.x']],
  ['# search x\n;search y', 'a.b', ['a.b']],
])('searchFor() with %j looks for %s as %j', ([text, name, expected]) => {
  expect(searchFor(name, parseSearchList(text))).toEqual(expected);
});

test('parseHosts() reads addresses and names and skips the rest', () => {
  const hosts = parseHosts(
    '127.0.0.1 localhost\n::1  localhost ip6\r\n\n# 192.0.2.1 no\nnonsense x\n192.0.2.2 A.b#c\nfe80::1%lo z',
  );
  expect(Object.fromEntries([...hosts].map(([name, found]) => [name, addressesOf(found)]))).toEqual({
    localhost: ['127.0.0.1', '::1'],
    ip6: ['::1'],
    'a.b': ['192.0.2.2'],
    z: ['fe80::1%lo'],
  });
});

test.for<[string[], boolean, string[]]>([
  [['1.1.1.1'], true, ['1.1.1.1']],
  [
    ['1.1.1.1', '2.2.2.2', '3.3.3.3', '2600::1', '2600::2'],
    true,
    ['2600::1', '1.1.1.1', '2600::2', '2.2.2.2', '3.3.3.3'],
  ],
  [['1.1.1.1', '2600::1', 'fd00::1'], false, ['fd00::1', '1.1.1.1']],
  [['2600::1', '2600::2'], false, ['2600::1', '2600::2']],
])('byFamily() puts %j in order (with IPv6 of our own: %s)', ([addresses, hasIpv6, expected]) => {
  const given = addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
  expect(addressesOf(byFamily(given, hasIpv6))).toEqual(expected);
});

test.skipIf(process.platform === 'win32')('DnsLookup reports a lack of file descriptors', async () => {
  const { stdout } = await runShell(
    `ulimit -n 64; ${moduleCommand(`
      import { openSync } from 'node:fs';
      import { DnsLookup } from '#src/transports/connect/dns/lookup.ts';
      const lookup = new DnsLookup({ servers: ['127.0.0.1:1'] });
      const find = (name) => new Promise((resolve) => lookup.resolve(name, (error) => resolve(error?.code)));
      await find('warm.example');
      try { for (;;) openSync(process.execPath); } catch {}
      console.log(await find('name.example'), await find('name'));
      process.exit();
    `)}`,
  );
  expect(stdout.trim()).toBe('EMFILE EMFILE');
});

test('DnsLookup does not keep a process alive once it is closed', async () => {
  await using server = await serveDns(() => undefined);
  const child = startShell(
    moduleCommand(`
      import { DnsLookup } from '#src/transports/connect/dns/lookup.ts';
      const lookup = new DnsLookup({ servers: ['${server.address}'] });
      for (let at = 0; at < 100; at += 1) lookup.resolve('name' + at + '.example', () => console.log('heard'));
      process.stdin.on('end', () => lookup.close()).resume();
    `),
  );
  const ending = ended(child);
  // On a busy machine it may take a while until the questions are here.
  await vi.waitFor(() => expect(server.questions.length).toBeGreaterThanOrEqual(200), { timeout: 4000 });
  const start = performance.now();
  child.stdin!.end();
  const { code, stdout } = await ending;
  expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
  expect(performance.now() - start).toBeLessThan(3000);
});
