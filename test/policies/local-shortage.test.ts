import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import {
  createFetcher,
  FetchError,
  mockTransport,
  type FetchErrorCode,
  type MockReply,
  type MockRequest,
  type Transport,
} from '../../src/index.ts';

const short = (code: FetchErrorCode = 'LOCAL_FDS'): FetchError => new FetchError(code, `Short: ${code}`);

/** A mock that replies in turn, the last reply for ever; it records the requests. */
function inTurn(...replies: readonly (MockReply | FetchError)[]): { transport: Transport; sent: MockRequest[] } {
  const sent: MockRequest[] = [];
  const transport = mockTransport((request) => {
    sent.push(request);
    return replies[Math.min(sent.length, replies.length) - 1]!;
  });
  return { transport, sent };
}

const warn = vi.spyOn(process, 'emitWarning');

beforeEach(() => {
  warn.mockReset().mockReturnValue();
  // The waits are random; here they are as long as possible.
  vi.spyOn(Math, 'random').mockReturnValue(0.999);
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance', 'Date'] });
});
afterEach(() => {
  vi.useRealTimers();
  vi.mocked(Math.random).mockRestore();
});

/** Runs the timers until the work is done. */
async function run<T>(work: Promise<T>): Promise<T> {
  const state = { isDone: false };
  const end = work.finally(() => (state.isDone = true));
  end.catch(() => undefined);
  while (!state.isDone) await vi.advanceTimersByTimeAsync(50);
  return end;
}

describe('retryOnLocalShortage()', () => {
  test.each(['LOCAL_FDS', 'LOCAL_PORTS', 'LOCAL_MEMORY'] as const)(
    'sends again after %s for every method, at the cost of no retry and no attempt',
    async (code) => {
      for (const method of ['GET', 'POST', 'PATCH']) {
        const { transport, sent } = inTurn(short(code), short(code), short(code), {});
        const fetcher = createFetcher({ transport, retry: { retries: 0 } });
        const result = await run(fetcher.fetch({ url: 'http://a.test/', method }));
        expect(result).toMatchObject({ kind: 'response', ok: true, attempts: 1 });
        expect(sent).toHaveLength(4);
      }
    },
  );

  test('leaves the retries to other errors', async () => {
    const { transport, sent } = inTurn(short(), { status: 503 }, short(), { status: 503 }, {});
    const fetcher = createFetcher({ transport, retry: { retries: 2 } });
    expect(await run(fetcher.fetch('http://a.test/'))).toMatchObject({ status: 200, attempts: 3 });
    expect(sent).toHaveLength(5);
  });

  test('fails after about two minutes at most', async () => {
    const { transport, sent } = inTurn(short('LOCAL_PORTS'));
    const fetcher = createFetcher({ transport, retry: { retries: 0 } });
    const start = performance.now();
    const result = await run(fetcher.fetch('http://a.test/'));
    expect(result).toMatchObject({ kind: 'failure', attempts: 1, error: { code: 'LOCAL_PORTS', retryable: true } });
    expect(sent).toHaveLength(13);
    expect(performance.now() - start).toBeLessThan(130_000);
  });

  test('waits without a slot, so that others continue', async () => {
    let isShort = true;
    const transport = mockTransport(({ url }) => (isShort && url.endsWith('/first') ? short() : {}));
    const fetcher = createFetcher({ transport, concurrency: 1 });
    const first = fetcher.fetch('http://a.test/first');
    await vi.advanceTimersByTimeAsync(0);
    expect(await run(fetcher.fetch('http://a.test/second'))).toMatchObject({ ok: true });
    isShort = false;
    expect(await run(first)).toMatchObject({ ok: true, attempts: 1 });
  });

  test('ends the wait at the deadline of the request, and cancels it on an abort', async () => {
    const { transport } = inTurn(short());
    const fetcher = createFetcher({ transport, urlDeadlineMs: 3000 });
    expect(await run(fetcher.fetch('http://a.test/'))).toMatchObject({ error: { code: 'DEADLINE' }, attempts: 0 });
    const patient = createFetcher({ transport });
    const controller = new AbortController();
    const aborted = patient.fetch('http://a.test/', { signal: controller.signal });
    await vi.advanceTimersByTimeAsync(1000);
    controller.abort();
    expect(await run(aborted)).toMatchObject({ kind: 'cancelled', attempts: 0 });
  });

  test('does not send a request again that is not idempotent and may have reached a server', async () => {
    const away = { status: 303, headers: { location: 'http://b.test/done' } };
    for (const [method, sends] of [
      ['POST', 2],
      ['PUT', 4],
    ] as const) {
      const { transport, sent } = inTurn(away, short(), away, {});
      const fetcher = createFetcher({ transport, retry: { retries: 0 } });
      const result = await run(fetcher.fetch({ url: 'http://a.test/', method, body: 'x' }));
      expect(sent.map(({ url }) => url)).toHaveLength(sends);
      expect(result.kind).toBe(method === 'POST' ? 'failure' : 'response');
    }
  });

  test('slows the whole run down and speeds it up again', async () => {
    let holds = 4;
    let inFlight = 0;
    let most = 0;
    const transport = mockTransport(async () => {
      if (inFlight >= holds) return short();
      inFlight += 1;
      most = Math.max(most, inFlight);
      await new Promise((resolve) => setTimeout(resolve, 10));
      inFlight -= 1;
      return {};
    });
    const fetcher = createFetcher({ transport, concurrency: 30, perHost: { concurrency: 30 } });
    const urls = (count: number): string[] => Array.from({ length: count }, (_, at) => `http://a.test/${at}`);
    const scarce = await run(fetcher.gather(urls(200)));
    expect(scarce.every(({ ok, attempts }) => ok && attempts === 1)).toBe(true);
    expect(most).toBe(4);
    holds = Infinity;
    await run(fetcher.gather(urls(2000)));
    expect(most).toBe(30);
    expect(warn).toHaveBeenCalledOnce();
  });
});
