import { expect, test } from 'vitest';
import { NetworkHold } from '../../src/scheduling/network-hold.ts';

/** A hold after ten silences of so many hosts, the last one known at 1000 ms. */
function afterSilencesOf(hosts: number, patienceMs = 60_000): NetworkHold {
  const network = new NetworkHold(patienceMs);
  for (let count = 0; count < 10; count += 1) network.silent(`http://h${count % hosts}.test`, 1000, 900);
  return network;
}

test('ten silences of three hosts hold the network, those of two do not', () => {
  expect(afterSilencesOf(3).isHeld).toBe(true);
  expect(afterSilencesOf(2).isHeld).toBe(false);
});

test('an answer in between starts the count again', () => {
  const network = new NetworkHold(60_000);
  for (let count = 0; count < 100; count += 1) {
    if (count % 9 === 0) network.answered();
    network.silent(`http://h${count}.test`, count, count);
  }
  expect(network.isHeld).toBe(false);
});

test('a held network is asked after 1, 2, 4, 8 and then 10 s, and for 60 s', () => {
  const network = afterSilencesOf(3);
  expect(network.openAt(1)).toBe(Infinity);
  const asked: number[] = [];
  while (network.isHeld) {
    const now = network.openAt(0);
    asked.push(now - 1000);
    network.silent('http://h0.test', now, now);
  }
  expect(asked).toEqual([1000, 3000, 7000, 15_000, 25_000, 35_000, 45_000, 55_000, 65_000]);
});

test('an answer ends the hold, and a silence from before it does not lengthen it', () => {
  const network = afterSilencesOf(3);
  network.silent('http://h0.test', 1500, 950);
  expect(network.openAt(0)).toBe(2000);
  network.answered();
  expect(network.isInDoubt).toBe(false);
  expect(network.openAt(0)).toBe(-Infinity);
});

test('without patience the network is never held', () => {
  expect(afterSilencesOf(3, 0).isHeld).toBe(false);
});
