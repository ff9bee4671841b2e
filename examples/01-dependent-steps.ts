// Download, then analyse, then report: each step needs the result of the one before it.
import { setTimeout as sleep } from 'node:timers/promises';
import { pipe } from '../src/index.ts';

interface Analysis {
  readonly words: number;
  readonly longest: string;
}

async function download(): Promise<string> {
  console.log('download starts');
  await sleep(30);
  console.log('download ends');
  return 'gather rosebuds while ye may';
}

async function analyse(text: string): Promise<Analysis> {
  console.log('analyse starts');
  await sleep(20);
  const words = text.split(' ');
  const longest = words.reduce((one, other) => (other.length > one.length ? other : one));
  console.log('analyse ends');
  return { words: words.length, longest };
}

async function report({ words, longest }: Analysis): Promise<string> {
  console.log('report starts');
  await sleep(10);
  console.log('report ends');
  return `${words} words, the longest is ${longest}`;
}

console.log('by await:');
const text = await download();
const analysis = await analyse(text);
console.log(`result: ${await report(analysis)}`);

console.log('by pipe:');
console.log(`result: ${await pipe(download, analyse, report)}`);
