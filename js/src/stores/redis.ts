/**
 * Limits shared between processes, on Redis or Valkey.
 *
 * One Lua script takes tokens on the server's clock, so that no two processes take the same one. Any client that has
 * `eval` and `evalsha` will do: `redis` (node-redis) and `ioredis` are optional peers.
 */
import { requireObject } from '../engine/configuration.js';
import type { Event } from '../events.js';
import { checkCount, checkText } from '../engine/limits.js';
import { createError } from '../errors.js';
import { type RateLimitBucket, VesperaRateLimiter } from '../limit/limiter.js';
import type { Disposable } from '../types.js';
import { STORE_OPTIONS, type StoreChange, type StoreConfig, StoredScript, type WhenDown } from './script.js';

/** A limit shared between processes. */
export interface RedisRateLimiterConfig extends StoreConfig {
  /** The bucket of each key: a `token-bucket` that fills evenly. */
  readonly bucket: RateLimitBucket;
}

/** The answer to a request. */
export interface SharedDecision {
  readonly allowed: boolean;
  /** Tokens left; `NaN` if nobody knows because the store is down. */
  readonly tokensRemaining: number;
  /** Milliseconds until the same request may pass; `Infinity` if it never will. */
  readonly retryAfterMs: number;
  /** Who decided. */
  readonly decidedBy: 'store' | WhenDown;
}

const MAX_KEY = 4_096;
/** How long a full bucket is kept, in milliseconds; longer if a new one would start with less. */
const KEPT = 1_000;
const KEPT_ABOVE_START = 3_600_000;
/** Lua counts in doubles: above it, whole numbers are not exact. */
const MAX_UNITS = 2n ** 52n;

/**
 * KEYS[1] the bucket. ARGV: units gained each microsecond, units that the bucket holds, units at the start, units to
 * take, milliseconds for which a full bucket is kept. Answers microseconds to wait, -1 for never, and the units left. All numbers are whole and below 2^53, but the
 * quotients, which are rounded up.
 */
const SCRIPT = `
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local gain, most, cost = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[4])
local kept = redis.call('HMGET', KEYS[1], 'level', 'at')
local level, at = tonumber(kept[1] or ARGV[3]), tonumber(kept[2] or now)
if now > at then
  local elapsed = now - at
  if elapsed >= math.ceil((most - level) / gain) then level = most else level = level + elapsed * gain end
end
local wait = 0
if cost > most then
  wait = -1
elseif cost > level then
  wait = math.ceil((cost - level) / gain)
else
  level = level - cost
end
redis.call('HSET', KEYS[1], 'level', string.format('%.0f', level), 'at', string.format('%.0f', now))
redis.call('PEXPIRE', KEYS[1], math.ceil((most - level) / gain / 1000) + tonumber(ARGV[5]))
return { string.format('%.0f', wait), string.format('%.0f', level) }
`;

interface Units {
  /** Units of one token. */
  readonly token: number;
  readonly gain: number;
  readonly most: number;
  readonly initial: number;
}

/**
 * A rate limiter for services with more than one process.
 *
 * @example
 * const limiter = new RedisRateLimiter({
 *   client: await createClient().connect(),
 *   bucket: { capacity: 60, refillRate: 60, refillInterval: 60_000 },
 *   whenDown: 'insurance',
 * });
 * const { allowed } = await limiter.consume(userId);
 */
export class RedisRateLimiter implements Disposable {
  readonly #store: StoredScript;
  readonly #whenDown: WhenDown;
  readonly #retryAfter: number;
  readonly #units: Units;
  readonly #local: VesperaRateLimiter | undefined;

  /** @throws VesperaSecurityError `ERR_CONFIG_INVALID` naming the field */
  constructor(config: RedisRateLimiterConfig) {
    requireObject('limit: the configuration', config, [...STORE_OPTIONS, 'bucket']);
    const { bucket, whenDown, retryAfter = 1_000 } = config;
    this.#store = new StoredScript('limit', SCRIPT, 'vespera:limit:', config);
    this.#whenDown = whenDown;
    this.#retryAfter = retryAfter;
    // The core knows what a bucket may be, and is the limiter when the store is down.
    const rules = [{ id: 'insurance', pattern: '*', scope: 'resource', bucket } as const];
    const local = new VesperaRateLimiter({ rules });
    this.#units = unitsOf(bucket);
    if (whenDown === 'insurance') this.#local = local;
    else local.dispose();
  }

  /**
   * Takes `cost` tokens from the bucket of a key, all or none.
   * @throws VesperaSecurityError `ERR_ARGUMENT_INVALID`, `ERR_INPUT_TOO_LARGE`; never because of the store
   */
  async consume(key: string, cost = 1): Promise<SharedDecision> {
    checkText('limit', key, MAX_KEY);
    checkCount('limit', 'cost', cost);
    const { token, most } = this.#units;
    if (cost * token > most)
      return {
        allowed: false,
        tokensRemaining: Number.NaN,
        retryAfterMs: Number.POSITIVE_INFINITY,
        decidedBy: 'store',
      };
    const { gain, initial } = this.#units;
    const kept = initial < most ? KEPT_ABOVE_START : KEPT;
    const answer = await this.#store.run(key, [gain, most, initial, Math.ceil(cost * token), kept]);
    if (answer === undefined) return this.#withoutStore(key, cost);
    const [wait, level] = answer;
    return {
      allowed: wait === 0,
      tokensRemaining: level / token,
      retryAfterMs: wait < 0 ? Number.POSITIVE_INFINITY : Math.ceil(wait / 1_000),
      decidedBy: 'store',
    };
  }

  /** Whether the store answered the last time it was asked. */
  get available(): boolean {
    return this.#store.available;
  }

  /** After the store came or went. */
  get onDidChangeStore(): Event<StoreChange> {
    return this.#store.onDidChange;
  }

  /** Lets go of the local limiter. The client stays the caller's. */
  dispose(): void {
    this.#local?.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  #withoutStore(key: string, cost: number): SharedDecision {
    const whenDown = this.#whenDown;
    if (this.#local) {
      const { allowed, tokensRemaining, retryAfterMs } = this.#local.checkRateLimit({
        resourceId: key,
        cost,
      });
      return { allowed, tokensRemaining, retryAfterMs, decidedBy: 'insurance' };
    }
    const allowed = whenDown === 'open';
    return {
      allowed,
      tokensRemaining: Number.NaN,
      retryAfterMs: allowed ? 0 : this.#retryAfter,
      decidedBy: whenDown,
    };
  }
}

/** A bucket in whole numbers that a double holds exactly. */
function unitsOf(bucket: RateLimitBucket): Units {
  const { algorithm = 'token-bucket', refill = 'continuous', capacity, burstAllowance = 0 } = bucket;
  if (algorithm !== 'token-bucket' || refill !== 'continuous')
    throw createError('ERR_CONFIG_INVALID', 'limit: a shared bucket is a token-bucket that fills evenly');
  const rate = BigInt(Math.round((bucket.refillRate ?? 0) * 1e6));
  const span = BigInt(bucket.refillInterval) * 1_000n * 1_000_000n;
  const shared = gcd(rate, span);
  const token = span / shared;
  const most = BigInt(capacity + burstAllowance) * token;
  if (most > MAX_UNITS || rate / shared > MAX_UNITS) {
    throw createError(
      'ERR_CONFIG_INVALID',
      'limit: capacity times refillInterval is too large to be shared: use a shorter interval with a lower rate',
    );
  }
  const initial = Math.floor((bucket.initialTokens ?? capacity) * Number(token));
  return { token: Number(token), gain: Number(rate / shared), most: Number(most), initial };
}

function gcd(a: bigint, b: bigint): bigint {
  let [x, y] = [a, b];
  while (y !== 0n) [x, y] = [y, x % y];
  return x;
}
