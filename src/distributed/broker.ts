/** The broker cannot be used: it is not there, refuses us, or is set up so that work would be lost. */
export class BrokerError extends Error {
  static {
    BrokerError.prototype.name = 'BrokerError';
  }
}

/** The broker has no room for what we hand over. It may have later. */
export class BrokerFullError extends BrokerError {
  static {
    BrokerFullError.prototype.name = 'BrokerFullError';
  }
}

/** A chunk of work: requests of one or more whole hosts, compressed. */
export interface Chunk {
  /** Its id; later chunks have greater ones. */
  readonly id: string;
  /** The run that it belongs to. */
  readonly run: string;
  /** As `packHosts()` makes it. */
  readonly payload: Uint8Array;
}

/** What is known of a chunk besides its requests. */
export interface ChunkFacts {
  /** How often it was taken, by us or another. */
  readonly deliveries: number;
  /** Bits of the requests that have their record, by position in the chunk; the first is the highest of a byte. */
  readonly done: Uint8Array;
  /** Milliseconds that each of the hosts asked for is still paused; 0 if it is not. */
  readonly pausesMs: readonly number[];
  /** The `optionsId` of the run at this moment; undefined if the broker does not know the run. */
  readonly optionsId: string | undefined;
  /** What the last owner of each of the hosts had learned of it; undefined if that was nothing. */
  readonly lessons: readonly ({ readonly text: string; readonly ageMs: number } | undefined)[];
}

/** What a worker has learned of a host, for its next owner. */
export interface Lesson {
  readonly key: string;
  /** As `packLesson()` makes it. */
  readonly text: string;
}

/** A run, as its coordinator announces it. */
export interface RunState {
  readonly id: string;
  /** The `protocol` of the coordinator. */
  readonly protocol: number;
  readonly state: 'running' | 'stopping' | 'ended';
  /**
   * Id of the server process that the coordinator has accepted. While it differs, nobody may take a chunk. It is empty, or
   * {@link serverOfEarlierRun}, until one has been accepted.
   */
  readonly server: string;
  /** Options of the fetcher, as `packOptions()` makes them. Empty once the run has ended. */
  readonly options: string;
  readonly includeHeaders: boolean;
  /** Identifies `options` and `includeHeaders`. A run that is continued may have others. */
  readonly optionsId: string;
  /** The same as long as the run lasts: whoever takes a chunk over has to know the lease of its last owner. */
  readonly leaseMs: number;
  /** Identifies the list. */
  readonly fingerprint: string;
  /** Requests of the list. */
  readonly total: number;
}

/** Stands for the server of a run while workers of an earlier run may still be at work. */
export const serverOfEarlierRun = 'earlier run';

/** Figures of a run that its coordinator reports from time to time, for a display. */
export interface RunFigures {
  readonly done: number;
  readonly ok: number;
  /** Records per second, lately. */
  readonly perSecond: number;
  /** Chunks that are out: waiting in the broker, or with a worker. */
  readonly outstanding: number;
}

/** What a worker reports of itself. */
export interface WorkerFigures {
  readonly host: string;
  readonly pid: number;
  readonly chunks: number;
  readonly inFlight: number;
  readonly concurrency: number;
  /** Requests of its chunks without a record. */
  readonly left: number;
  /** Records so far. */
  readonly records: number;
  /** Records per second, lately. */
  readonly perSecond: number;
}

/** A worker, as the broker knows it. */
export interface WorkerEntry extends WorkerFigures {
  readonly name: string;
  /** Milliseconds since it was last heard of. */
  readonly seenMs: number;
}

/** Records that are committed together. */
export interface Commit {
  /** The run they belong to. */
  readonly run: string;
  /** The records as JSON lines, compressed. */
  readonly payload: Uint8Array;
  /** The positions of the records in their chunks, in the order of the lines. */
  readonly chunks: readonly { readonly id: string; readonly positions: readonly number[] }[];
  /** Pauses that servers asked for: the host, and milliseconds from now. */
  readonly pauses: readonly { readonly key: string; readonly ms: number }[];
}

/** What comes back with a chunk. */
export interface Completion {
  /** Requests that go on elsewhere or later, as packed lines with their hosts. */
  readonly back: readonly { readonly key: string; readonly line: string }[];
  /** Milliseconds that its hosts are paused from now on. */
  readonly pauses: readonly { readonly key: string; readonly ms: number }[];
  /** Milliseconds for which the worker had it. */
  readonly heldMs: number;
  /** It was taken so often that one of its requests may end the process of whoever takes it. */
  readonly takenTooOften?: number;
}

/** An entry of the stream from the workers to the coordinator, in order. */
export type OutEntry =
  | {
      readonly kind: 'records';
      readonly id: string;
      readonly payload: Uint8Array;
      /** The chunk of the records, and how many of them, in the order of the lines. */
      readonly chunks: readonly { readonly id: string; readonly count: number }[];
    }
  | { readonly kind: 'done'; readonly id: string; readonly chunk: string; readonly completion: Completion };

/** Facts about the server. */
export interface ServerFacts {
  /** Changes when it is restarted, or replaced by another. */
  readonly id: string;
  readonly version: string;
  readonly usedBytes: number;
  readonly maxBytes: number;
  readonly evictionPolicy: string;
  readonly isPersistent: boolean;
  /** The address of its master, if it is a replica. */
  readonly replicaOf: string | undefined;
}

/**
 * Carries chunks to workers and records back. It may forget everything: what it carries is made again from the list and
 * the output. Each method makes one attempt and rejects if the broker cannot be reached.
 */
export interface Broker {
  /** Its address without a password, for messages. */
  readonly address: string;
  /** The id of the server that we are connected to; undefined while we are not. */
  readonly serverId: string | undefined;
  /** Connects. Rejects with a {@link BrokerError} if that fails; later the connection is made again by itself. */
  connect(): Promise<void>;
  /**
   * Asks for a sign of life. Rejects with an Error whose message says in a few words why there is none, or with a
   * {@link BrokerError} that says why the broker takes no work at present.
   */
  ping(): Promise<void>;
  server(): Promise<ServerFacts>;

  /**
   * Takes the name of the run for `ms` milliseconds, or renews that. Returns false if another has it.
   *
   * @throws BrokerFullError, as a rejection
   */
  lock(token: string, ms: number): Promise<boolean>;
  unlock(token: string): Promise<void>;
  /** Tells whether anybody has the name. */
  isLocked(): Promise<boolean>;
  readRun(): Promise<RunState | undefined>;
  /** Announces a run. */
  writeRun(run: RunState): Promise<void>;
  /** Removes everything that earlier runs left, but for what they announced. */
  clear(): Promise<void>;
  /** @throws BrokerFullError, as a rejection */
  writeFigures(figures: RunFigures): Promise<void>;
  readFigures(): Promise<RunFigures | undefined>;

  /** Publishes chunks, each once however often it is tried. */
  publish(chunks: readonly Chunk[]): Promise<void>;
  /** Lists the chunks that are out, without their requests. */
  outstandingIds(): Promise<string[]>;
  /** Reads chunks that are out; those that are gone are left out. */
  readChunks(ids: readonly string[]): Promise<Chunk[]>;
  /** Removes chunks that nobody has taken, and returns their ids. */
  withdraw(): Promise<string[]>;
  /** Removes chunks whoever has them. */
  remove(ids: readonly string[]): Promise<void>;
  /** Counts chunks that are out, and those of them that a worker has. */
  countChunks(): Promise<{ readonly out: number; readonly taken: number; readonly takenOver: number }>;

  /** Takes a chunk that nobody has taken, or waits up to `waitMs` milliseconds for one. */
  take(worker: string, waitMs: number): Promise<Chunk | undefined>;
  /** Takes over a chunk whose owner has not renewed it for `idleMs` milliseconds. */
  takeOver(worker: string, idleMs: number): Promise<Chunk | undefined>;
  /** Renews chunks; returns for each whether it is still the worker's. */
  renew(worker: string, ids: readonly string[]): Promise<boolean[]>;
  /** Returns what is known of a chunk that the worker has. */
  facts(id: string, keys: readonly string[]): Promise<ChunkFacts>;
  /** Hands over records. Returns false if the run is not the present one. */
  commit(commit: Commit): Promise<boolean>;
  /**
   * Hands a chunk back, with what the worker has learned of its hosts. Returns false if the chunk is not the worker's any
   * more; then nothing is kept.
   */
  complete(worker: string, id: string, completion: Completion, lessons: readonly Lesson[]): Promise<boolean>;
  /** Reports a worker, and returns the present run. */
  report(worker: string, figures: WorkerFigures): Promise<RunState | undefined>;
  leave(worker: string): Promise<void>;
  workers(): Promise<WorkerEntry[]>;
  /** Returns the hosts that are paused, and the milliseconds left. */
  pauses(): Promise<{ readonly key: string; readonly ms: number }[]>;

  /** Reads entries after an id, or waits up to `waitMs` milliseconds for some. */
  read(after: string, waitMs: number): Promise<OutEntry[]>;
  /** Removes entries up to an id, and that one. */
  trim(id: string): Promise<void>;
  /** Counts the entries that were not removed yet, and their bytes as far as that is known. */
  backlog(): Promise<{ readonly entries: number; readonly bytes: number }>;

  /** Ends the connections. */
  close(): void;
}
