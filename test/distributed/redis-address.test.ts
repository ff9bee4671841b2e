import { expect, test } from 'vitest';
import { movedTo, parseAddress } from '../../src/distributed/redis/connect.ts';
import { requireVersion } from '../../src/distributed/redis/server-version.ts';
import { temporary } from '../helpers/temporary.ts';

const { file, path } = temporary('redis-address');
const ca = file('-----BEGIN CERTIFICATE-----\n', '.pem');

test.for([
  ['redis://queue', { host: 'queue', port: 6379, db: 0 }],
  ['redis://queue:7000/3', { host: 'queue', port: 7000, db: 3 }],
  ['redis://[::1]:7000', { host: '::1', port: 7000, db: 0 }],
  ['redis://:p%40ss@queue', { host: 'queue', port: 6379, db: 0, password: 'p@ss' }],
  ['rediss://me:secret@queue/1', { host: 'queue', port: 6379, db: 1, username: 'me', password: 'secret', tls: {} }],
  ['redis+unix:///run/redis.sock', { path: '/run/redis.sock', db: 0 }],
  ['redis+unix://:secret@/run/redis.sock?db=2', { path: '/run/redis.sock', db: 2, password: 'secret' }],
  [
    'redis+sentinel://me:secret@s1,s2:27000/main/4?sentinel-user=watch&sentinel-password=other',
    {
      name: 'main',
      db: 4,
      sentinels: [
        { host: 's1', port: 26_379 },
        { host: 's2', port: 27_000 },
      ],
      username: 'me',
      password: 'secret',
      sentinelUsername: 'watch',
      sentinelPassword: 'other',
    },
  ],
] as const)('%s', ([text, options]) => expect(parseAddress(text).options).toEqual(options));

test('TLS takes its certificates from files, for Sentinels too', () => {
  const tls = { ca: Buffer.from('-----BEGIN CERTIFICATE-----\n') };
  expect(parseAddress(`rediss://queue?cacert=${ca}`).options.tls).toEqual(tls);
  expect(parseAddress(`rediss+sentinel://s1/main?cacert=${ca}`).options).toMatchObject({
    tls,
    sentinelTLS: tls,
    enableTLSForSentinelMode: true,
  });
});

test.for([
  ['http://queue', 'must be the URL of a Redis server'],
  ['redis://', 'must be the URL of a Redis server'],
  ['redis://queue/x', 'must be the URL of a Redis server'],
  [
    'redis://a:b@queue:port',
    'must be the URL of a Redis server, such as redis://queue:6379/0: got redis://a:***@queue:port',
  ],
  ['redis://a:%zz@queue', 'must be the URL of a Redis server'],
  ['redis+unix://queue/path', 'must be the URL of a Redis server'],
  ['redis+sentinel://s1', 'must be the URL of a Redis server'],
  ['redis+sentinel://s1,/main', 'must be the URL of a Redis server'],
  [
    'redis://a:secret@queue?sentinel-password=other',
    "the queue redis://a:***@queue?sentinel-password=*** cannot have the setting 'sentinel-password'",
  ],
  ['redis://queue?cacert=x.pem', "cannot have the setting 'cacert'"],
  [`rediss://queue?cacert=${path('.pem')}`, 'ENOENT'],
] as const)('%s is refused', ([text, message]) => expect(() => parseAddress(text)).toThrow(message));

test.for(['6.2.0', '6.10.1', '7.0.15', '10.0.0', '', 'unknown'])('a server of version "%s" is used', (version) => {
  expect(() => requireVersion(version)).not.toThrow();
});

test.for(['6.0.16', '5.0.14', '2.8'])('a server of version %s is refused', (version) => {
  expect(() => requireVersion(version)).toThrow(`it has version ${version}; 6.2 or later is needed`);
});

test.for([
  ['MOVED 3999 10.0.0.2:6381', { host: '10.0.0.2', port: 6381 }],
  ['MOVED 3999 node-2.cluster:6381', { host: 'node-2.cluster', port: 6381 }],
  ['MOVED 3999 ::1:6381', { host: '::1', port: 6381 }],
  // A node that does not know by which name the others are reached.
  ['MOVED 3999 :6381', { host: 'seed', port: 6381 }],
  ['MOVED 3999 ?:6381', { host: 'seed', port: 6381 }],
  ['ASK 3999 10.0.0.2:6381', undefined],
  ['CLUSTERDOWN The cluster is down', undefined],
  ['WRONGTYPE MOVED 3999 10.0.0.2:6381', undefined],
] as const)('the error "%s" names another node, or none', ([message, node]) => {
  expect(movedTo(message, 'seed')).toEqual(node);
});
