import { expect, test } from 'vitest';
import { repairWindows1252 } from '../../src/http/windows-1252.ts';

test('repairWindows1252() gives every byte its character', () => {
  const bytes = Uint8Array.from({ length: 256 }, (_, byte) => byte);
  const repaired = repairWindows1252(Buffer.from(bytes).toString('latin1'));
  expect(repaired).toHaveLength(256);
  expect(repaired.slice(0x80, 0xa0)).toBe('€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ');
  expect(repaired.slice(0, 0x80) + repaired.slice(0xa0)).toBe(
    Buffer.from(bytes.filter((byte) => byte < 0x80 || byte > 0x9f)).toString('latin1'),
  );
});

test('repairWindows1252() leaves alone what is in order', () => {
  const text = 'Aé“€”\u0081\u008d\u008f\u0090\u009d';
  expect(repairWindows1252(text)).toBe(text);
});
