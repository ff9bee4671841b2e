import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { describe, expect, test } from 'vitest';
import { newHolder, type Holder } from '../../src/journal/holder.ts';
import { lock } from '../../src/journal/lock.ts';
import { ended, moduleCommand, startShell } from '../helpers/module.ts';
import { temporary } from '../helpers/temporary.ts';

const { directory, path } = temporary('lock');

const held = (target: string, changes: Partial<Holder>): void =>
  writeFileSync(`${target}.lock`, JSON.stringify({ ...newHolder(), ...changes }));

/** The number of a process that has ended. */
async function deadPid(): Promise<number> {
  const child = spawn('true');
  await once(child, 'exit');
  return child.pid!;
}

describe('lock()', () => {
  test('is held until it is given back, and leaves nothing behind', () => {
    const target = path();
    const release = lock(target);
    expect(() => lock(target)).toThrow(`process ${process.pid} on ${hostname()} is writing to it`);
    release();
    lock(target)();
    expect(readdirSync(directory)).toEqual([]);
  });

  test('takes over from a process that is dead', async () => {
    const target = path();
    held(target, { pid: await deadPid() });
    lock(target)();
    expect(existsSync(`${target}.lock`)).toBe(false);
  });

  test.skipIf(newHolder().started === '')('takes over from a process whose number is another one now', () => {
    const target = path();
    held(target, { pid: process.pid, started: '1' });
    lock(target)();
  });

  test('takes over from before the machine was started', () => {
    const target = path();
    held(target, { pid: process.pid, boot: 'another' });
    lock(target)();
  });

  test('takes over also where one who took over was killed in the midst of it', async () => {
    const target = path();
    const gone = { ...newHolder(), pid: await deadPid() };
    writeFileSync(`${target}.lock`, JSON.stringify(gone));
    const second = { ...gone, token: 'second' };
    writeFileSync(`${target}.lock.after-${gone.token}`, JSON.stringify(second));
    lock(target)();
    expect(readdirSync(directory)).toEqual([]);
  });

  test.each<[string, Partial<Holder> | string]>([
    ['of another machine', { host: 'elsewhere', pid: 1 }],
    ['that says nothing', ''],
    ['that says nonsense', '{"pid":"1","__proto__":{"pid":1}}'],
    ['whose token is a path', { token: '../../x' }],
  ])('does not touch a lock %s, and says how to get rid of it', (_, content) => {
    const target = path();
    if (typeof content === 'string') writeFileSync(`${target}.lock`, content);
    else held(target, content);
    const before = readFileSync(`${target}.lock`, 'utf8');
    expect(() => lock(target)).toThrow(`is no such process, remove ${target}.lock)`);
    expect(readFileSync(`${target}.lock`, 'utf8')).toBe(before);
  });

  test('gives the lock of a dead process to one only of many who want it', async () => {
    const target = path();
    held(target, { pid: await deadPid() });
    const command = moduleCommand(`
      import { lock } from '#src/journal/lock.ts';
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
