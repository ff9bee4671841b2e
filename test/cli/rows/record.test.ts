import { describe, expect, test } from 'vitest';
import { record, writeRows, type RowsDestination } from '../../../cli/rows/record.ts';
import type { FetchResult } from '../../../src/http/result.ts';
import { OutputError } from '../../../src/outputs/files/output-error.ts';
import { response } from '../../helpers/results.ts';

const results = [response({ index: 0 }), response({ index: 1 }), response({ index: 2 })];

async function* source(onClose: () => void = () => {}): AsyncGenerator<FetchResult> {
  try {
    yield* results;
  } finally {
    onClose();
  }
}

async function* broken(): AsyncGenerator<FetchResult> {
  yield results[0]!;
  throw new Error('source');
}

/** A destination that logs every call, in order. */
function noted(write: (text: string) => Promise<void> | undefined = () => undefined, closed = Promise.resolve()) {
  const seen: string[] = [];
  const destination: RowsDestination = {
    format: { head: () => 'head', row: ({ index }) => `row ${index}`, tail: () => 'tail' },
    output: {
      write(text) {
        seen.push(text);
        return write(text);
      },
      close() {
        seen.push('closed');
        return closed;
      },
    },
  };
  return { seen, destination };
}

describe('writeRows()', () => {
  test('writes head, rows and tail, passes each result on after its row, and closes the output', async () => {
    const { seen, destination } = noted();
    for await (const { index } of writeRows(source(), destination)) seen.push(`passed ${index}`);
    const rows = [0, 1, 2].flatMap((index) => [`row ${index}`, `passed ${index}`]);
    expect(seen).toEqual(['head', ...rows, 'tail', 'closed']);
  });

  test('waits for an output that has no room', async () => {
    const room = Promise.withResolvers<void>();
    const { seen, destination } = noted((text) => (text === 'row 0' ? room.promise : undefined));
    const done = record(source(), destination, () => {});
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(seen).toEqual(['head', 'row 0']);
    room.resolve();
    await done;
    expect(seen).toEqual(['head', 'row 0', 'row 1', 'row 2', 'tail', 'closed']);
  });

  test('closes the output and the source when the consumer leaves', async () => {
    let isSourceClosed = false;
    const { seen, destination } = noted();
    for await (const _ of writeRows(
      source(() => (isSourceClosed = true)),
      destination,
    )) {
      break;
    }
    expect(seen).toEqual(['head', 'row 0', 'closed']);
    expect(isSourceClosed).toBe(true);
  });

  test('rejects with the error of the source, not with the one of closing', async () => {
    const { seen, destination } = noted(undefined, Promise.reject(new Error('closing')));
    const all = async (): Promise<void> => {
      for await (const _ of writeRows(broken(), destination));
    };
    await expect(all()).rejects.toThrow('source');
    expect(seen).toEqual(['head', 'row 0', 'closed']);
  });

  test('rejects with the error of closing if that is the only one', async () => {
    const { destination } = noted(undefined, Promise.reject(new Error('closing')));
    const all = async (): Promise<void> => {
      for await (const _ of writeRows(source(), destination));
    };
    await expect(all()).rejects.toThrow('closing');
  });
});

describe('record()', () => {
  test('resolves with the error of an output that fails, and closes the source', async () => {
    let isSourceClosed = false;
    const full = new OutputError('out.txt', 'full');
    const { destination } = noted((text) => (text === 'row 1' ? Promise.reject(full) : undefined));
    const seen: number[] = [];
    const failure = await record(
      source(() => (isSourceClosed = true)),
      destination,
      ({ index }) => seen.push(index),
    );
    expect(failure).toBe(full);
    expect(seen).toEqual([0]);
    expect(isSourceClosed).toBe(true);
  });

  test('rejects with any other error', async () => {
    await expect(record(broken(), noted().destination, () => {})).rejects.toThrow('source');
    const thrown = record(source(), noted().destination, () => {
      throw new Error('recorded');
    });
    await expect(thrown).rejects.toThrow('recorded');
  });
});
