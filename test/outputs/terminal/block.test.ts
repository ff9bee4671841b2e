import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Block } from '../../../src/outputs/terminal/block.ts';
import { Screen } from '../../helpers/process/screen.ts';

/** Adds the carriage returns that a terminal driver adds. */
const driven = (text: string): string => text.replaceAll(/(?<!\r)\n/g, '\r\n');

function terminal(columns = 40): { readonly screen: Screen; readonly block: Block; readonly writes: string[] } {
  const screen = new Screen(columns);
  const writes: string[] = [];
  const block = new Block((text) => {
    writes.push(text);
    screen.write(text);
  });
  return { screen, block, writes };
}

describe('Block', () => {
  test('shows its lines in one write, with the cursor at their start', () => {
    const { screen, block, writes } = terminal();
    screen.write('$ fetchmany\r\n');
    block.show(['one', 'two', 'three']);
    expect(screen.text).toBe('$ fetchmany\none\ntwo\nthree');
    block.show(['1', '2']);
    expect(screen.text).toBe('$ fetchmany\n1\n2');
    expect(screen.cursor).toEqual([1, 0]);
    expect(writes).toHaveLength(2);
  });

  test('writes nothing when nothing has changed', () => {
    const { block, writes } = terminal();
    block.clear();
    block.show(['one']);
    block.show(['one']);
    expect(writes).toHaveLength(1);
    block.clear();
    block.clear();
    expect(writes).toHaveLength(2);
  });

  test('leaves nothing behind after clear()', () => {
    const { screen, block } = terminal();
    screen.write('$ fetchmany\r\n');
    block.show(['one', 'two']);
    block.clear();
    screen.write('200\r\n');
    expect(screen.text).toBe('$ fetchmany\n200');
    expect([screen.isCursorShown, screen.wraps, screen.strange]).toEqual([true, true, []]);
  });

  test('stays below text written above it', () => {
    const { screen, block } = terminal();
    expect(block.above('first\n')).toBe('first\n');
    screen.write('first\r\n');
    block.show(['one', 'two']);
    screen.write(driven(block.above('second\nthird\n')));
    expect(screen.text).toBe('first\nsecond\nthird\none\ntwo');
    block.show(['1', '2']);
    expect(screen.text).toBe('first\nsecond\nthird\n1\n2');
  });

  test('is hidden while the text above ends in mid-line', () => {
    const { screen, block } = terminal();
    block.show(['one']);
    screen.write(driven(block.above('[\n{"a":1}')));
    block.show(['two']);
    expect(screen.text).toBe('[\n{"a":1}');
    screen.write(driven(block.above('')));
    block.show(['two']);
    expect(screen.text).toBe('[\n{"a":1}');
    screen.write(driven(block.above('\n]\n')));
    block.show(['two']);
    expect(screen.text).toBe('[\n{"a":1}\n]\ntwo');
  });

  test('is redrawn by refresh() if it is shown', () => {
    const { screen, block, writes } = terminal();
    block.refresh(['one']);
    expect(writes).toEqual([]);
    block.show(['one', 'two']);
    block.refresh(['one', 'two']);
    expect(writes).toHaveLength(2);
    expect(screen.text).toBe('one\ntwo');
  });

  test('is cut off, not wrapped, by a terminal narrower than expected', () => {
    const { screen, block } = terminal();
    block.show(['x'.repeat(60), 'two']);
    block.show(['y'.repeat(60), '2']);
    block.clear();
    expect(screen.text).toBe('');
  });

  test('looks the same whatever the order of shown lines and written text', () => {
    const step = fc.oneof(
      fc.record({ show: fc.array(fc.stringMatching(/^[a-z]{0,39}$/), { maxLength: 5 }) }),
      fc.record({ above: fc.stringMatching(/^([A-Z]{0,30}\n?){0,4}$/) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        // Wide enough that no row wraps.
        const { screen, block } = terminal(4000);
        let rows = '';
        let lines: string[] = [];
        for (const one of steps) {
          if ('show' in one) {
            block.show(one.show);
            if (rows === '' || rows.endsWith('\n')) lines = one.show;
          } else {
            screen.write(driven(block.above(one.above)));
            rows += one.above;
            if (!(rows === '' || rows.endsWith('\n'))) lines = [];
          }
          expect(screen.text).toBe((rows + lines.join('\n')).trimEnd());
        }
        expect([screen.isCursorShown, screen.wraps, screen.strange]).toEqual([true, true, []]);
      }),
    );
  });
});
