export {
  createFetcher,
  type Fetcher,
  type RequestSource,
  type ResultStream,
  type RunOptions,
  type StreamOptions,
} from './fetcher.ts';
export type { FetcherLoad, Hold } from './load.ts';
export type { FetcherOptions } from './options.ts';
export type { HeadersInput } from './headers.ts';
export type { RequestInput, RequestObject } from './request.ts';
export type {
  CancelledResult,
  FailureResult,
  FetchResult,
  ResponseHeaders,
  ResponseResult,
  Timings,
} from './result.ts';
export { FetchError, type FetchErrorCode } from './error.ts';

export { openJournal, type Journal, type JournalOptions } from './journal/journal.ts';
export type { FsyncPolicy } from './journal/appender.ts';

export type { Job, JobResult, JobResults } from './job.ts';
export { asCompleted, type AsCompletedOptions, type Completion } from './modes/as-completed.ts';
export { gather, type GatherOptions, type JobOutcomes } from './modes/gather.ts';
export { chain } from './modes/chain.ts';
export { pipe } from './modes/pipe.ts';
export { wait, type ReturnWhen, type WaitOptions, type WaitResult } from './modes/wait.ts';
export { createTask, InvalidStateError, type Task, type TaskOptions, type TaskState } from './tasks/task.ts';
export { BoundedQueue, QueueClosedError } from './tasks/queue.ts';
export { sequential, type SequentialOptions } from './modes/sequential.ts';
export type { Source } from './modes/run.ts';

export { mockTransport, type MockHandler, type MockReply, type MockRequest } from './transports/mock.ts';
export type { Transport } from './send.ts';
