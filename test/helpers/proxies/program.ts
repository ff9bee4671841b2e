import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../servers/free-port.ts';

/** A proxy that runs as a program of its own on loopback. `await using` ends it. */
export interface ProxyProgram extends AsyncDisposable {
  readonly port: number;
}

/** Starts a program that is to listen on a port. It is given another one if it ends before it listens. */
export async function startProgram(command: string, args: (port: number) => readonly string[]): Promise<ProxyProgram> {
  for (let turn = 0; turn < 3; turn += 1) {
    const port = await freePort();
    // Also where the PATH of a user lacks them.
    const PATH = `${process.env['PATH'] ?? ''}:/usr/sbin`;
    const child = spawn(command, args(port), { stdio: 'ignore', env: { PATH } });
    child.on('error', () => undefined);
    if (await listens(child, port)) return { port, [Symbol.asyncDispose]: () => end(child) };
    await end(child);
  }
  throw new Error(`${command} does not listen`);
}

/** Writes the configuration of squid and of its login program to a folder that every user can enter. */
export function squidArgs(
  folder: string,
  { port, login }: { readonly port: number; readonly login: string },
): string[] {
  const [user = '', password = ''] = login.split(':');
  const program = join(folder, 'login.sh');
  writeFileSync(
    program,
    `#!/bin/sh\nwhile read -r user password; do\n  if [ "$user $password" = "${user} ${password}" ]; then echo OK; else echo ERR; fi\ndone\n`,
  );
  chmodSync(folder, 0o777);
  chmodSync(program, 0o755);
  const configuration = join(folder, `squid-${port}.conf`);
  writeFileSync(
    configuration,
    [
      `http_port 127.0.0.1:${port}`,
      `auth_param basic program ${program}`,
      'auth_param basic children 1 startup=1',
      'acl known proxy_auth REQUIRED',
      'http_access allow known',
      'http_access deny all',
      'cache deny all',
      'pid_filename none',
      'access_log none',
      `cache_log ${join(folder, `squid-${port}.log`)}`,
      `coredump_dir ${folder}`,
      'shutdown_lifetime 0 seconds',
      'pinger_enable off',
      'netdb_filename none',
      '',
    ].join('\n'),
  );
  return ['-N', '-f', configuration];
}

/** Writes the configuration of tinyproxy. */
export function tinyproxyArgs(
  folder: string,
  { port, login }: { readonly port: number; readonly login: string },
): string[] {
  const path = join(folder, `tinyproxy-${port}.conf`);
  writeFileSync(
    path,
    `Port ${port}\nListen 127.0.0.1\nMaxClients 100\nTimeout 60\nBasicAuth ${login.replace(':', ' ')}\n`,
  );
  return ['-d', '-c', path];
}

async function listens(child: ChildProcess, port: number): Promise<boolean> {
  while (child.exitCode === null && child.signalCode === null && child.pid !== undefined) {
    const socket = connect(port, '127.0.0.1');
    const isOpen = await new Promise<boolean>((resolve) => {
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    });
    socket.destroy();
    if (isOpen) return true;
    await sleep(20);
  }
  return false;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}
