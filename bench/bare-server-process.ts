// Answers every GET with 1 KB, after as many milliseconds as its path says: /50/anything. It knows as little of HTTP as it can, so
// that it is not what is measured. On as many ports of 127.0.0.1 as the first argument says: each is a host of its own.
import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';

const answer = Buffer.from(`HTTP/1.1 200 OK\r\nContent-Length: 1024\r\n\r\n${'x'.repeat(1024)}`);

let requests = 0;

function serve(socket: Socket): void {
  let rest = '';
  socket.setNoDelay(true);
  socket.setEncoding('latin1');
  // Whoever measures leaves as it likes.
  socket.on('error', () => {});
  socket.on('data', (text: string) => {
    const heads = (rest + text).split('\r\n\r\n');
    rest = heads.pop()!;
    requests += heads.length;
    for (const head of heads) {
      const delayMs = Number.parseInt(head.slice(head.indexOf('/') + 1), 10);
      if (delayMs > 0) setTimeout(() => socket.write(answer), delayMs);
      else socket.write(answer);
    }
  });
}

process.on('message', () => process.send?.(requests));
process.once('disconnect', () => process.exit());
const urls: string[] = [];
for (let port = 0; port < Number(process.argv[2]); port += 1) {
  const server = createServer(serve).listen({ port: 0, host: '127.0.0.1', backlog: 4096 });
  await once(server, 'listening');
  urls.push(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
}
process.send?.(urls);
