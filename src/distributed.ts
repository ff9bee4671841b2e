// `fetchmany/distributed`: one list, fetched by workers on any number of machines. Needs the package `ioredis`.
import './supported-node.ts';

export { BrokerError, type RunFigures, type WorkerEntry, type WorkerFigures } from './distributed/broker.ts';
export { coordinate, type CoordinatorEnd, type CoordinatorOptions } from './distributed/coordinator.ts';
export type { ListedInput } from './distributed/read-list.ts';
export type { CoordinatorState } from './distributed/run-report.ts';
export { readQueueStatus, type QueueStatus } from './distributed/status.ts';
export { runWorker, type WorkerOptions } from './distributed/worker.ts';
