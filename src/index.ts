import './supported-node.ts';

export {
  createFetcher,
  type Fetcher,
  type RequestSource,
  type ResultStream,
  type RunOptions,
  type StreamOptions,
} from './fetcher/fetcher.ts';
export type { FetcherLoad, RunningRequest, WaitReason as Hold } from './scheduling/load.ts';
export type { FollowOptions } from './fetcher/following.ts';
export { nextLink } from './http/next-link.ts';
export type { FetchInit } from './fetcher/fetch-init.ts';
export type { Concurrency, ExpectOptions, FetcherOptions } from './fetcher/options.ts';
export type { AuthOptions } from './fetcher/auth-options.ts';
export type { CookieJar } from './http/cookie-jar.ts';
export type { Around, AroundContext, HookAnswer, HookRequest, NextRequest } from './policies/around.ts';
export type { HeadersFunction } from './policies/add-headers.ts';
export type { ProxyChoice, ProxyOptions, ProxyRequest } from './fetcher/proxy-options.ts';
export type { ConnectOptions } from './transports/connect/where.ts';
export type { BodyFields, BodyReceiver, BodyWriter, ResponseHead } from './http/body-writer.ts';
export type { HeadersInput } from './http/headers.ts';
export type { RequestAttempt, RequestEnd, RequestRetry, RequestStart, TracedRequest } from './call/telemetry.ts';
export type { ListEntry } from './http/list-entry.ts';
export type { RejectedInput, RequestInput, RequestObject } from './http/request.ts';
export type {
  CancelledResult,
  FailureResult,
  FetchResult,
  ResponseHeaders,
  ResponseResult,
  Timings,
} from './http/result.ts';
export { FetchError, fetchErrorCodes, type FetchErrorCode } from './http/error.ts';

export { readRequests, type ReadRequestsOptions, type RequestList } from './inputs/read-requests.ts';
export type { BuildOptions } from './inputs/request-builder.ts';
export type { FetchBytes } from './inputs/sitemaps/sitemap-reader.ts';
export type { InputFormat } from './inputs/input-format.ts';
export type { ListSource } from './inputs/open-source.ts';
export type { RequestItem } from './inputs/request-item.ts';
export type { TableOptions } from './inputs/tables/table-reader.ts';
export { InputError } from './inputs/input-error.ts';
export { expandGlob } from './inputs/glob.ts';
export { limit } from './inputs/selection/limit.ts';
export { shuffle } from './inputs/selection/shuffle.ts';
export { skip } from './inputs/selection/skip.ts';
export { unique } from './inputs/selection/unique.ts';

export { openJournal, type Journal, type JournalOptions } from './journal/journal.ts';
export type { FsyncPolicy } from './journal/appender.ts';

export type { Job, JobResult, JobResults } from './async/job.ts';
export { asCompleted, type AsCompletedOptions, type Completion } from './async/as-completed.ts';
export { gather, type GatherOptions, type JobOutcomes } from './async/gather.ts';
export { chain } from './async/chain.ts';
export { pipe } from './async/pipe.ts';
export { wait, type ReturnWhen, type WaitOptions, type WaitResult } from './async/wait.ts';
export { createTask, InvalidStateError, type Task, type TaskOptions, type TaskState } from './async/task.ts';
export { TaskGroup, type TaskGroupOptions } from './async/task-group.ts';
export { timeout, waitFor, type WaitForOptions } from './async/timeout.ts';
export { Semaphore, type Permit } from './async/semaphore.ts';
export { BoundedQueue } from './async/bounded-queue.ts';
export { PriorityQueue } from './async/priority-queue.ts';
export { QueueClosedError } from './async/async-queue.ts';
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
