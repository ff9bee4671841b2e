import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';

interface DnsQuestion {
  /** In lower case. */
  readonly name: string;
  readonly type: 'A' | 'AAAA' | 'other';
  readonly over: 'udp' | 'tcp';
}

export interface DnsAnswer {
  /** 2 SERVFAIL, 3 NXDOMAIN, 5 REFUSED. */
  readonly rcode?: number;
  /** Addresses; the answer has those of the requested family. */
  readonly addresses?: readonly string[];
  /** Aliases (CNAME) that lead to the addresses. */
  readonly aliases?: readonly string[];
  readonly ttl?: number;
  /** Sets the truncation flag over UDP, so that only TCP has the full answer. */
  readonly isTruncated?: boolean;
  /** Answers a different question. */
  readonly hasWrongId?: boolean;
  /** Bytes to send in place of all of the above. */
  readonly bytes?: Buffer;
  readonly afterMs?: number;
}

/** Returns the answer to a question; undefined is silence. */
export type Zone = (question: DnsQuestion) => DnsAnswer | undefined;

/** A name server on loopback, over UDP and TCP. `await using` closes it. */
export interface DnsServer extends AsyncDisposable {
  /** Its address, as resolvers take it: `127.0.0.1:port`. */
  readonly address: string;
  readonly questions: readonly DnsQuestion[];
  /** Returns the number of queries for a name and type. */
  count(name: string, type: 'A' | 'AAAA'): number;
}

/** Makes a zone of names and their addresses; all other names do not exist. */
export function zoneOf(names: Readonly<Record<string, readonly string[] | 'silence'>>, ttl?: number): Zone {
  return ({ name }) => {
    const addresses = names[name];
    if (addresses === undefined) return { rcode: 3 };
    if (addresses === 'silence') return undefined;
    return { addresses, ...(ttl === undefined ? {} : { ttl }) };
  };
}

export async function serveDns(zone: Zone): Promise<DnsServer> {
  const questions: DnsQuestion[] = [];
  const sockets = new Set<Socket>();

  function answer(query: Buffer, over: 'udp' | 'tcp', send: (reply: Buffer) => void): void {
    const question = readQuestion(query, over);
    questions.push(question);
    const reply = zone(question);
    if (!reply) return;
    const bytes = reply.bytes ?? writeReply(query, question, over === 'tcp' ? { ...reply, isTruncated: false } : reply);
    if (reply.afterMs === undefined) send(bytes);
    else setTimeout(send, reply.afterMs, bytes);
  }

  const [udp, tcp] = await listen();
  udp.on('message', (query, { port, address }) =>
    answer(query, 'udp', (reply) => {
      try {
        udp.send(reply, port, address);
      } catch {
        // Closed meanwhile.
      }
    }),
  );
  tcp.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    let rest: Buffer = Buffer.alloc(0);
    socket.on('data', (chunk) => {
      rest = Buffer.concat([rest, chunk]);
      while (rest.length >= 2 && rest.length >= 2 + rest.readUInt16BE(0)) {
        const end = 2 + rest.readUInt16BE(0);
        answer(rest.subarray(2, end), 'tcp', (reply) => socket.write(Buffer.concat([uint16(reply.length), reply])));
        rest = rest.subarray(end);
      }
    });
  });

  return {
    address: `127.0.0.1:${udp.address().port}`,
    questions,
    count: (name, type) => questions.filter((question) => question.name === name && question.type === type).length,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      tcp.close();
      udp.close();
      await once(udp, 'close');
    },
  };
}

/** Opens both on one port. If a port that is free for UDP is taken for TCP, tries another. */
async function listen(): Promise<[UdpSocket, Server]> {
  for (;;) {
    const udp = createSocket({ type: 'udp4', recvBufferSize: 4 << 20 });
    udp.bind(0, '127.0.0.1');
    await once(udp, 'listening');
    const tcp = createServer();
    tcp.listen(udp.address().port, '127.0.0.1');
    const isFree = await once(tcp, 'listening').then(
      () => true,
      () => false,
    );
    if (isFree) return [udp, tcp];
    udp.close();
  }
}

function readQuestion(query: Buffer, over: 'udp' | 'tcp'): DnsQuestion {
  const labels: string[] = [];
  let at = 12;
  for (let length = query[at]!; length > 0; length = query[at]!) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  const number = query.readUInt16BE(at + 1);
  const type = number === 1 ? 'A' : number === 28 ? 'AAAA' : 'other';
  return { name: labels.join('.').toLowerCase(), type, over };
}

function writeReply(query: Buffer, { name, type }: DnsQuestion, reply: DnsAnswer): Buffer {
  const { rcode = 0, addresses = [], aliases = [], ttl = 60, isTruncated = false, hasWrongId = false } = reply;
  const records: Buffer[] = [];
  let owner = name;
  for (const alias of aliases) {
    records.push(record(owner, 5, ttl, writeName(alias)));
    owner = alias;
  }
  if (!isTruncated) {
    const wanted = addresses.filter((address) => address.includes(':') === (type === 'AAAA'));
    for (const address of wanted) records.push(record(owner, type === 'AAAA' ? 28 : 1, ttl, writeAddress(address)));
  }
  const head = Buffer.from(query.subarray(0, 12 + name.length + 2 + 4));
  if (hasWrongId) head.writeUInt16BE((head.readUInt16BE(0) + 1) & 0xffff, 0);
  head.writeUInt16BE(0x8180 | rcode | (isTruncated ? 0x0200 : 0), 2);
  head.writeUInt16BE(records.length, 6);
  head.writeUInt32BE(0, 8);
  return Buffer.concat([head, ...records]);
}

function record(owner: string, type: number, ttl: number, data: Buffer): Buffer {
  const fixed = Buffer.alloc(10);
  fixed.writeUInt16BE(type, 0);
  fixed.writeUInt16BE(1, 2);
  fixed.writeUInt32BE(ttl, 4);
  fixed.writeUInt16BE(data.length, 8);
  return Buffer.concat([writeName(owner), fixed, data]);
}

function writeName(name: string): Buffer {
  const labels = name.split('.').map((label) => Buffer.from(label, 'latin1'));
  return Buffer.concat([...labels.flatMap((label) => [Buffer.from([label.length]), label]), Buffer.from([0])]);
}

function writeAddress(address: string): Buffer {
  if (!address.includes(':')) return Buffer.from(address.split('.').map(Number));
  const [head = '', tail] = address.split('::');
  const before = head === '' ? [] : head.split(':');
  const after = tail ? tail.split(':') : [];
  const zeros = Array.from<string>({ length: 8 - before.length - after.length }).fill('0');
  return Buffer.concat([...before, ...zeros, ...after].map((group) => uint16(Number.parseInt(group, 16))));
}

function uint16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(value);
  return bytes;
}
