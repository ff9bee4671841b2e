import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { loopbackCertificate } from '../test/helpers/servers/certificate.ts';
import { freePort } from '../test/helpers/servers/free-port.ts';

/** An nginx of ours, on every address of 127.0.0.0/8. `await using` stops it. */
export interface Nginx extends AsyncDisposable {
  readonly httpPort: number;
  readonly httpsPort: number;
  /** TLS that offers HTTP/2 too. */
  readonly http2Port: number;
  /** The folder whose files it serves. */
  readonly root: string;
  /** Returns how many requests it has had since its start, this one included. */
  requests(): Promise<number>;
}

/**
 * Starts nginx with two workers and its defaults: `/1k/N` is a file of 1 KB for each N below `files`, `/1m/N` one of 1 MB.
 * `/coded/CODING/NAME/N` is the file `coded/NAME.CODING` below its root, with that `Content-Encoding`.
 */
export async function startNginx(program: string, files: number): Promise<Nginx> {
  const folder = mkdtempSync(join(tmpdir(), 'fetchmany-nginx-'));
  // Started by root, its workers are nobody.
  chmodSync(folder, 0o755);
  const ports = { httpPort: await freePort(), httpsPort: await freePort(), http2Port: await freePort() };
  const { httpPort } = ports;
  const { cert, key } = await loopbackCertificate();
  writeFileSync(join(folder, 'cert.pem'), cert);
  writeFileSync(join(folder, 'key.pem'), key);
  mkdirSync(join(folder, 'html/1k'), { recursive: true });
  for (let at = 0; at < files; at += 1) writeFileSync(join(folder, `html/1k/${at}`), Buffer.alloc(1024, 'x'));
  writeFileSync(join(folder, 'html/megabyte'), Buffer.alloc(1_000_000, 'x'));
  writeFileSync(join(folder, 'nginx.conf'), configuration(folder, ports));
  const child = spawn(program, ['-p', folder, '-c', join(folder, 'nginx.conf'), '-e', join(folder, 'errors')], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  await listening(httpPort);
  return {
    ...ports,
    root: join(folder, 'html'),
    async requests() {
      const status = await (await fetch(`http://127.0.0.1:${httpPort}/status`)).text();
      return Number(/^ \d+ \d+ (\d+) $/m.exec(status)?.[1]);
    },
    async [Symbol.asyncDispose]() {
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
      rmSync(folder, { recursive: true });
    },
  };
}

type Ports = Pick<Nginx, 'httpPort' | 'httpsPort' | 'http2Port'>;

function configuration(folder: string, { httpPort, httpsPort, http2Port }: Ports): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  return `
daemon off;
worker_processes 2;
pid ${folder}/pid;
events { worker_connections 8192; }
http {
  access_log off;
  sendfile on;
  default_type text/plain;
  ${temporary.map((name) => `${name}_temp_path ${folder}/${name};`).join('\n  ')}
  server {
    listen ${httpPort} backlog=8192;
    listen ${httpsPort} ssl backlog=8192;
    listen ${http2Port} ssl http2 backlog=8192;
    ssl_certificate ${folder}/cert.pem;
    ssl_certificate_key ${folder}/key.pem;
    root ${folder}/html;
    location = /status { stub_status; }
    location ~ ^/coded/([a-z]+)/([0-9a-z]+)/ {
      add_header content-encoding $1;
      try_files /coded/$2.$1 =404;
    }
    location /1m/ { try_files /megabyte =404; }
  }
}
`;
}

/**
 * Writes the configuration of an nginx that serves the files below `folder/www`, and returns its path.
 *
 * @param more lines for the `http` block
 */
export function fileServerConfig(folder: string, port: number, more = ''): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((name) => `${name}_temp_path ${folder}/${name};`)
    .join(' ');
  const server = `server { listen 127.0.0.1:${port}; root ${folder}/www; keepalive_requests 1000000; }`;
  const path = join(folder, 'nginx.conf');
  const http = `access_log off; sendfile on; ${temporary} ${more} ${server}`;
  writeFileSync(path, `daemon off; worker_processes 1; pid ${folder}/pid; events {} http { ${http} }`);
  return path;
}

/** Waits until a port takes connections; at most ten seconds. */
async function listening(port: number): Promise<void> {
  for (let tries = 0; tries < 200; tries += 1) {
    const socket = connect(port, '127.0.0.1');
    const isOpen = await new Promise<boolean>((resolve) => {
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    });
    socket.destroy();
    if (isOpen) return;
    await sleep(50);
  }
  throw new Error('nginx does not listen');
}
