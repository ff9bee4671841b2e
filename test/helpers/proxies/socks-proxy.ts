import { createServer, connect, type Socket } from 'node:net';
import { listening, type Listening } from '../servers/listening.ts';

/** Options of {@link socksProxy}. */
export interface SocksProxyOptions {
  /** `user:password` that it wants. */
  readonly login?: string;
  /** The reply to a request to connect. @default 0, which connects */
  readonly reply?: number;
  /** Writes each byte of its answers alone. */
  readonly isSlow?: boolean;
  /** Bytes to send in the same packet as the reply. */
  readonly attached?: string;
}

/** A SOCKS5 proxy on loopback. Every address leads to 127.0.0.1. `await using` closes it. */
export interface SocksProxy extends Listening {
  /** Host and port of `socks5://` or `socks5h://`. */
  readonly host: string;
  /** `host:port` of each request to connect, as it came. */
  readonly targets: readonly string[];
}

/** Starts a SOCKS5 proxy. */
export async function socksProxy(options: SocksProxyOptions = {}): Promise<SocksProxy> {
  const targets: string[] = [];
  const server = createServer({ noDelay: true }, (socket) => {
    serve(socket, options, targets).catch(() => socket.destroy());
  });
  const base = await listening(server);
  return Object.assign(base, { host: `127.0.0.1:${base.port}`, targets });
}

async function serve(socket: Socket, options: SocksProxyOptions, targets: string[]): Promise<void> {
  const { login, reply = 0, isSlow = false, attached = '' } = options;
  const read = reader(socket);
  const say = async (...bytes: readonly number[]): Promise<void> => {
    for (const piece of isSlow ? bytes.map((byte) => [byte]) : [bytes]) {
      await new Promise((done) => socket.write(Buffer.from(piece), done));
    }
  };
  const [, count = 0] = await read(2);
  const methods = await read(count);
  const method = login === undefined ? 0 : 2;
  if (!methods.includes(method)) return void socket.end(Buffer.of(5, 0xff));
  await say(5, method);
  if (login !== undefined) {
    const [, nameLength = 0] = await read(2);
    const name = await read(nameLength);
    const [passwordLength = 0] = await read(1);
    const given = `${name.toString()}:${(await read(passwordLength)).toString()}`;
    await say(1, given === login ? 0 : 1);
    if (given !== login) return void socket.end();
  }
  const [, , , type = 0] = await read(4);
  const length = type === 1 ? 4 : type === 4 ? 16 : (await read(1))[0]!;
  const address = await read(length);
  const port = (await read(2)).readUInt16BE();
  targets.push(`${type === 1 ? address.join('.') : type === 3 ? address.toString() : address.toString('hex')}:${port}`);
  if (reply !== 0) return void socket.end(Buffer.of(5, reply, 0, 1, 0, 0, 0, 0, 0, 0));
  const onward = connect(port, '127.0.0.1');
  onward.on('error', () => socket.destroy());
  socket.on('close', () => onward.destroy());
  await new Promise((done) => onward.once('connect', done));
  await say(5, 0, 0, 1, 127, 0, 0, 1, 0, 0, ...Buffer.from(attached));
  read.pipeTo(onward);
  onward.pipe(socket);
}

interface Reader {
  (length: number): Promise<Buffer>;
  /** Passes on what was not read, and what follows. */
  pipeTo(target: Socket): void;
}

function reader(socket: Socket): Reader {
  let unread = Buffer.alloc(0);
  let wake = (): void => undefined;
  const onData = (chunk: Buffer): void => {
    unread = Buffer.concat([unread, chunk]);
    wake();
  };
  socket.on('data', onData);
  const read = async (length: number): Promise<Buffer> => {
    while (unread.length < length) {
      const { promise, resolve } = Promise.withResolvers<void>();
      wake = resolve;
      await promise;
    }
    const taken = unread.subarray(0, length);
    unread = unread.subarray(length);
    return taken;
  };
  return Object.assign(read, {
    pipeTo(target: Socket) {
      socket.off('data', onData);
      if (unread.length > 0) target.write(unread);
      socket.pipe(target);
    },
  });
}
