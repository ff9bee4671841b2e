import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { hostname, uptime } from 'node:os';
import { describe, expect, test } from 'vitest';
import { newHolder, type LockHolder } from '../../../src/outputs/files/lock-holder.ts';
import { lock } from '../../../src/outputs/files/lock.ts';
import { ended, moduleCommand, runShell, startShell } from '../../helpers/process/module.ts';
import { temporary } from '../../helpers/temporary.ts';
import { hasStrace } from '../../helpers/process/tools.ts';

const { directory, path } = temporary('lock');

const canTrace = hasStrace();

const held = (target: string, changes: Partial<LockHolder>): void =>
  writeFileSync(`${target}.lock`, JSON.stringify({ ...newHolder(), ...changes }));

/** Returns the id of a process that has ended. */
async function deadPid(): Promise<number> {
  const child = spawn('true');
  await once(child, 'exit');
  return child.pid!;
}

describe('lock()', () => {
  test('holds the lock until it is released, and leaves nothing behind', () => {
    const target = path();
    const release = lock(target);
    expect(() => lock(target)).toThrow(`process ${process.pid} on ${hostname()} is writing to it`);
    release();
    lock(target)();
    expect(readdirSync(directory)).toEqual([]);
  });

  test('takes over the lock of a process that has ended', async () => {
    const target = path();
    held(target, { pid: await deadPid() });
    lock(target)();
    expect(existsSync(`${target}.lock`)).toBe(false);
  });

  test.skipIf(newHolder().started === '')('takes over the lock of a process whose pid was reused', () => {
    const target = path();
    held(target, { pid: process.pid, started: '1' });
    lock(target)();
  });

  test.skipIf(newHolder().pidNamespace === '')('keeps the lock of a process in another PID namespace', async () => {
    const target = path();
    held(target, { pid: await deadPid(), pidNamespace: 'pid:[1]' });
    expect(() => lock(target)).toThrow('is writing to it');
    rmSync(`${target}.lock`);
  });

  test('takes over a lock of an earlier version, which names no PID namespace', async () => {
    const target = path();
    const { pidNamespace: _, ...earlier } = { ...newHolder(), pid: await deadPid() };
    writeFileSync(`${target}.lock`, JSON.stringify(earlier));
    lock(target)();
    expect(existsSync(`${target}.lock`)).toBe(false);
  });

  test('removes the drafts of processes that were killed, and no other file', async () => {
    const target = path();
    const draftOf = (changes: Partial<LockHolder>, ending = ''): string => {
      const holder = { ...newHolder(), ...changes };
      const name = `${target}.lock.${holder.token}${ending}`;
      writeFileSync(name, JSON.stringify(holder));
      return name;
    };
    const dead = { pid: await deadPid() };
    const left = [draftOf(dead), draftOf(dead, '.spare')];
    const others = [draftOf({}), draftOf({ ...dead, host: 'elsewhere' }), `${target}.lock.mine`];
    writeFileSync(others[2]!, 'mine');
    lock(target)();
    expect([...left, ...others].map((name) => existsSync(name))).toEqual([false, false, true, true, true]);
    for (const name of others) rmSync(name);
  });

  test('takes over a lock from before the machine was started', () => {
    const target = path();
    held(target, { pid: process.pid, boot: 'another' });
    lock(target)();
  });

  test('takes over a lock whose takeover was killed halfway', async () => {
    const target = path();
    const gone = { ...newHolder(), pid: await deadPid() };
    writeFileSync(`${target}.lock`, JSON.stringify(gone));
    const second = { ...gone, token: 'second' };
    writeFileSync(`${target}.lock.after-${gone.token}`, JSON.stringify(second));
    lock(target)();
    expect(readdirSync(directory)).toEqual([]);
  });

  test('does not touch a lock of another machine, and says how to remove it', () => {
    const target = path();
    held(target, { host: 'else\u001b[2Jwhere', pid: 1 });
    expect(() => lock(target)).toThrow(
      String.raw`process 1 on else\x1b[2Jwhere is writing to it; wait until it ends (if there is no such process, remove ${target}.lock)`,
    );
    rmSync(`${target}.lock`);
  });

  test.each([
    ['nothing', ''],
    ['NULs', '\0'.repeat(150)],
    ['a part of its text', '{"pid":12,"star'],
    ['a part of its text, and NULs', '{"pid":12,"star\0\0'],
  ])('takes over a lock that holds %s, if it is from before the machine was started', (_, content) => {
    const target = path();
    writeFileSync(`${target}.lock`, content);
    expect(() => lock(target)).toThrow(
      `${target}.lock does not say who is writing to it; if nobody is, remove that file`,
    );
    expect(readFileSync(`${target}.lock`, 'utf8')).toBe(content);
    utimesSync(`${target}.lock`, 0, Date.now() / 1000 - uptime() - 60);
    lock(target)();
    expect(readdirSync(directory)).toEqual([]);
  });

  test.each([
    ['nonsense', '{"pid":"1","__proto__":{"pid":1}}'],
    ['a token that is a path', JSON.stringify({ ...newHolder(), token: '../../x' })],
    ['the text of another program', '# yarn lockfile v1\n'],
  ])('never touches a lock that holds %s, and says how to remove it', (_, content) => {
    const target = path();
    writeFileSync(`${target}.lock`, content);
    utimesSync(`${target}.lock`, 0, 0);
    expect(() => lock(target)).toThrow(`if nobody is, remove that file`);
    expect(readFileSync(`${target}.lock`, 'utf8')).toBe(content);
    rmSync(`${target}.lock`);
  });

  test('never touches a lock that is not a regular file', () => {
    const target = path();
    mkdirSync(`${target}.lock`);
    expect(() => lock(target)).toThrow(`${target}.lock does not say who is writing to it`);
    rmdirSync(`${target}.lock`);
  });

  test.skipIf(!canTrace)('works where there are no links', async () => {
    const target = path();
    held(target, { pid: await deadPid() });
    const program = moduleCommand(`
      import { readFileSync } from 'node:fs';
      import { lock } from '#src/outputs/files/lock.ts';
      const release = lock(${JSON.stringify(target)});
      let refusal;
      try { lock(${JSON.stringify(target)}); } catch (error) { refusal = error.message; }
      release();
      lock(${JSON.stringify(target)})();
      console.log(refusal);
    `);
    const { code, stdout, stderr } = await runShell(
      `strace -f -qq -o /dev/null -e trace=link,linkat -e inject=link,linkat:error=EPERM ${program}`,
    );
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/process \d+ on .* is writing to it/);
    expect(readdirSync(directory)).toEqual([]);
  });

  test('gives the lock of a dead process to only one of many processes', async () => {
    const target = path();
    held(target, { pid: await deadPid() });
    const command = moduleCommand(`
      import { lock } from '#src/outputs/files/lock.ts';
      await new Promise((resolve) => setTimeout(resolve, ${Date.now() + 1500} - Date.now()));
      try {
        lock(${JSON.stringify(target)});
        console.log('mine');
        await new Promise((resolve) => setTimeout(resolve, 1500));
      } catch (error) {
        console.log(error.message.includes('is writing to it') || error.message.includes('at once') ? 'refused' : error.stack);
      }
    `);
    const all = await Promise.all(Array.from({ length: 6 }, () => ended(startShell(command))));
    expect(all.map(({ stdout }) => stdout.trim()).sort()).toEqual([
      'mine',
      ...Array.from({ length: 5 }, () => 'refused'),
    ]);
    expect(readdirSync(directory).filter((name) => name.includes('lock.'))).toEqual([]);
  });
});
