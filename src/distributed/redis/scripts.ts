/** The consumer group of the workers. */
export const group = 'workers';

/** A script that runs in the server without interruption, with the number of its keys. */
interface Script {
  readonly numberOfKeys: number;
  readonly lua: string;
}

/** Renews the chunks that the worker still has. KEYS: work. ARGV: worker, ids. Returns 1 or 0 for each. */
const renewChunks: Script = {
  numberOfKeys: 1,
  lua: `
    local held = {}
    for at = 2, #ARGV do
      local pending = redis.call('XPENDING', KEYS[1], '${group}', ARGV[at], ARGV[at], 1)
      if pending[1] and pending[1][2] == ARGV[1] then
        held[at - 1] = #redis.call('XCLAIM', KEYS[1], '${group}', ARGV[1], 0, ARGV[at], 'JUSTID')
      else
        held[at - 1] = 0
      end
    end
    return held`,
};

/** Hosts whose lessons are kept at most; beyond that, those of some hosts are forgotten. */
const maxLessons = 10_000;

/**
 * Hands a chunk back if the worker still has it. KEYS: work, out, done, lessons. ARGV: worker, id, message; then a host and
 * what was learned of it, for each.
 */
const completeChunk: Script = {
  numberOfKeys: 4,
  lua: `
    local pending = redis.call('XPENDING', KEYS[1], '${group}', ARGV[2], ARGV[2], 1)
    if not pending[1] or pending[1][2] ~= ARGV[1] then return 0 end
    redis.call('XADD', KEYS[2], '*', 'done', ARGV[2], 'message', ARGV[3])
    redis.call('XACK', KEYS[1], '${group}', ARGV[2])
    redis.call('XDEL', KEYS[1], ARGV[2])
    redis.call('DEL', KEYS[3])
    local time = redis.call('TIME')
    local now = string.format('%.0f ', time[1] * 1000 + math.floor(time[2] / 1000))
    for at = 4, #ARGV, 2 do redis.call('HSET', KEYS[4], ARGV[at], now .. ARGV[at + 1]) end
    local over = redis.call('HLEN', KEYS[4]) - ${maxLessons}
    if over > 0 then redis.call('HDEL', KEYS[4], unpack(redis.call('HRANDFIELD', KEYS[4], over))) end
    return 1`,
};

/**
 * Adds records and marks them as done. KEYS: run, out, pause, one for each chunk. ARGV: run id, payload, chunks, number
 * of pauses, host and milliseconds of each; then for each chunk the number of its positions, and the positions.
 */
const commitRecords: Omit<Script, 'numberOfKeys'> = {
  lua: `
    if redis.call('HGET', KEYS[1], 'id') ~= ARGV[1] then return 0 end
    if #ARGV[3] > 0 then redis.call('XADD', KEYS[2], '*', 'records', ARGV[2], 'chunks', ARGV[3]) end
    local time = redis.call('TIME')
    local now = time[1] * 1000 + math.floor(time[2] / 1000)
    local at = 5
    for _ = 1, tonumber(ARGV[4]) do
      local till = now + tonumber(ARGV[at + 1])
      if till > tonumber(redis.call('HGET', KEYS[3], ARGV[at]) or 0) then
        redis.call('HSET', KEYS[3], ARGV[at], string.format('%.0f', till))
      end
      at = at + 2
    end
    for key = 4, #KEYS do
      local count = tonumber(ARGV[at])
      for place = at + 1, at + count do redis.call('SETBIT', KEYS[key], ARGV[place], 1) end
      redis.call('PEXPIRE', KEYS[key], ${7 * 24 * 3600 * 1000})
      at = at + count + 1
    end
    return 1`,
};

/** Takes the name of the run, or renews that, which needs no memory. KEYS: lock. ARGV: token, milliseconds. */
const lockRun: Script = {
  numberOfKeys: 1,
  lua: `
    local owner = redis.call('GET', KEYS[1])
    if owner == ARGV[1] then return redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
    if owner then return 0 end
    redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
    return 1`,
};

/** Gives the name of the run back. KEYS: lock. ARGV: token. */
const unlockRun: Script = {
  numberOfKeys: 1,
  lua: `
    if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
    return 1`,
};

/** Milliseconds after which a worker that was killed is forgotten. */
const goneMs = 3_600_000;

/** Notes what a worker reports, and returns the run. KEYS: workers, seen, run. ARGV: worker, figures. */
const reportWorker: Script = {
  numberOfKeys: 3,
  lua: `
    local time = redis.call('TIME')
    local now = time[1] * 1000 + math.floor(time[2] / 1000)
    local gone = redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', now - ${goneMs}, 'LIMIT', 0, 100)
    if #gone > 0 then
      redis.call('HDEL', KEYS[1], unpack(gone))
      redis.call('ZREM', KEYS[2], unpack(gone))
    end
    redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
    redis.call('ZADD', KEYS[2], now, ARGV[1])
    return redis.call('HGETALL', KEYS[3])`,
};

/** Every script. The number of keys of `commitRecords` comes with each call. */
export const scripts: Readonly<Record<ScriptName, Partial<Script> & Pick<Script, 'lua'>>> = {
  renewChunks,
  completeChunk,
  commitRecords,
  lockRun,
  unlockRun,
  reportWorker,
};

/** The name of a script. */
export type ScriptName = 'renewChunks' | 'completeChunk' | 'commitRecords' | 'lockRun' | 'unlockRun' | 'reportWorker';
