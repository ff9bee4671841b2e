import { describe, expect, test } from 'vitest';
import { createFetcher, mockTransport } from '../../src/index.ts';
import { heldTransport } from '../helpers/held-transport.ts';
import { quiet } from '../helpers/process/quiet.ts';
import { respond, serve, silence } from '../helpers/servers/serve.ts';

const urls = (count: number): string[] => Array.from({ length: count }, (_, at) => `http://a.test/${at}`);

describe('close()', () => {
  test('cancels what runs in every mode, and waits for it', async () => {
    const wire = heldTransport();
    const fetcher = createFetcher({ transport: wire.transport, concurrency: 2 });
    const outcomes = Promise.allSettled([
      fetcher.gather(urls(3)),
      fetcher.asCompleted(urls(3)).next(),
      fetcher.sequential(urls(3)).next(),
      fetcher.fetch('http://a.test/single'),
    ]);
    await wire.until(2);
    await fetcher.close();
    expect(wire.underWay).toEqual([]);
    const [gathered, completed, sequential, single] = await outcomes;
    expect(gathered).toMatchObject({ status: 'rejected', reason: { name: 'AbortError' } });
    expect(completed).toMatchObject({ status: 'fulfilled', value: { value: { kind: 'cancelled' } } });
    expect(sequential).toMatchObject({ status: 'fulfilled', value: { value: { kind: 'cancelled' } } });
    expect(single).toMatchObject({ status: 'fulfilled', value: { kind: 'cancelled', error: { code: 'ABORTED' } } });
    expect(wire.sent.length).toBe(2);
  });

  test('closes every socket, idle or busy', async () => {
    await using server = await serve({ '/idle': respond(200), '/busy': silence });
    const fetcher = createFetcher();
    await fetcher.fetch(`${server.url}/idle`);
    const busy = fetcher.fetch(`${server.url}/busy`);
    await server.seen(2);
    await fetcher.close();
    expect((await busy).kind).toBe('cancelled');
    await server.deserted();
  });

  test('returns the same promise when called again, and nothing can be fetched afterwards', async () => {
    const fetcher = createFetcher({ transport: mockTransport(() => ({})) });
    expect(fetcher.close()).toBe(fetcher.close());
    await expect(fetcher.fetch('http://a.test/')).rejects.toThrow('closed');
    await expect(fetcher.gather([])).rejects.toThrow('closed');
    expect(() => fetcher.asCompleted([])).toThrow('closed');
    expect(() => fetcher.sequential([])).toThrow('closed');
    await fetcher.close();
    await expect(fetcher.fetch('http://a.test/')).rejects.toThrow('closed');
  });

  test('ends the loop it is called in', async () => {
    const wire = heldTransport();
    const fetcher = createFetcher({ transport: wire.transport, concurrency: 2 });
    void wire.until(2).then(() => wire.answer('/0'));
    const kinds: string[] = [];
    const looping = (async () => {
      for await (const { kind } of fetcher.asCompleted(urls(100))) {
        kinds.push(kind);
        await fetcher.close();
      }
    })();
    await expect(looping).rejects.toMatchObject({ name: 'AbortError' });
    expect(kinds).toHaveLength(100);
    expect(kinds.filter((kind) => kind === 'response')).toHaveLength(1);
  });

  test('waits neither for a consumer that has stopped reading nor for a source that waits', async () => {
    const wire = heldTransport();
    const fetcher = createFetcher({ transport: wire.transport });
    const stalled = fetcher.asCompleted(urls(5));
    void stalled.next();
    await wire.until(5);
    wire.answerAll();
    void fetcher
      .asCompleted(
        // oxlint-disable-next-line require-yield -- waits for ever
        (async function* (): AsyncGenerator<string> {
          await new Promise(() => undefined);
        })(),
      )
      .next()
      .catch(() => undefined);
    await quiet();
    await fetcher.close();
    // The unread results are still there.
    expect((await stalled.next()).value?.kind).toBe('response');
  });

  test('works before anything was fetched', async () => {
    await createFetcher().close();
  });

  test('works with a run that never began', async () => {
    const fetcher = createFetcher();
    const results = fetcher.asCompleted(urls(1));
    await fetcher.close();
    await expect(results.next()).rejects.toMatchObject({ name: 'AbortError' });
  });
});

test('`await using` closes the fetcher', async () => {
  await using server = await serve(silence);
  let fetched;
  {
    await using fetcher = createFetcher();
    fetched = fetcher.fetch(server.url);
    await server.seen(1);
  }
  expect((await fetched).kind).toBe('cancelled');
  await server.deserted();
});
