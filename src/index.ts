import './supported-node.ts';

export {
  createFetcher,
  type Fetcher,
  type RequestSource,
  type ResultStream,
  type RunOptions,
  type StreamOptions,
} from './fetcher/fetcher.ts';
export type { FetcherLoad, WaitReason as Hold } from './scheduling/load.ts';
export type { FetchInit } from './fetcher/fetch-init.ts';
export type { FetcherOptions } from './fetcher/options.ts';
export type { BodyFields, BodyReceiver, BodyWriter, ResponseHead } from './http/body-writer.ts';
export type { HeadersInput } from './http/headers.ts';
export type { RequestInput, RequestObject } from './http/request.ts';
export type {
  CancelledResult,
  FailureResult,
  FetchResult,
  ResponseHeaders,
  ResponseResult,
  Timings,
} from './http/result.ts';
export { FetchError, fetchErrorCodes, type FetchErrorCode } from './http/error.ts';

export { openJournal, type Journal, type JournalOptions } from './journal/journal.ts';
export type { FsyncPolicy } from './journal/appender.ts';

export type { Job, JobResult, JobResults } from './async/job.ts';
export { asCompleted, type AsCompletedOptions, type Completion } from './async/as-completed.ts';
export { gather, type GatherOptions, type JobOutcomes } from './async/gather.ts';
export { chain } from './async/chain.ts';
export { pipe } from './async/pipe.ts';
export { wait, type ReturnWhen, type WaitOptions, type WaitResult } from './async/wait.ts';
export { createTask, InvalidStateError, type Task, type TaskOptions, type TaskState } from './async/task.ts';
export { BoundedQueue, QueueClosedError } from './async/bounded-queue.ts';
export { sequential, type SequentialOptions } from './async/sequential.ts';
export { inOrder } from './async/in-order.ts';
export type { Source } from './async/run.ts';

export { mockTransport, type MockHandler, type MockReply, type MockRequest } from './transports/mock.ts';
export type {
  Transport,
  TransportHeaders,
  TransportRequest,
  TransportResponse,
  TransportSendOptions,
} from './transports/custom/transport.ts';
