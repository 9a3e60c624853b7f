/** Limits what is repeated. */
import { plainCopy } from './engine/configuration.js';
import { call, core, translate } from './engine/engine.js';
import { checkCount } from './engine/limits.js';
import { type Kind, Resident } from './engine/resident.js';
import type { Clock, Disposable, Host } from './types.js';

/** What a bucket may hold and how it fills. All amounts are tokens. */
export interface TokenBucketConfig {
  /** What the bucket holds without the burst, a whole number from 1. */
  readonly capacity: number;
  /** Tokens gained each interval, above 0. */
  readonly refillRate: number;
  /** The interval in milliseconds, from 1. */
  readonly refillInterval: number;
  /** Tokens at the start, from 0 to `capacity + burstAllowance`. @default capacity */
  readonly initialTokens?: number;
  /** What the bucket holds beyond its capacity. @default 0 */
  readonly burstAllowance?: number;
}

const KIND: Kind = { domain: 'limit', free: (core, handle) => core.bucketFree(handle) };

/**
 * A token bucket. It holds up to `capacity + burstAllowance` tokens, fills continuously, and has no timer.
 *
 * @example
 * const bucket = new TokenBucket({ capacity: 5, refillRate: 1, refillInterval: 1_000 });
 * if (!bucket.consumeTokens()) await delay(bucket.timeUntilAvailable(1));
 */
export class TokenBucket implements Disposable {
  readonly #clock: Clock;
  readonly #resident: Resident;
  // What is known to be there if the engine stops: never more than the truth, at most one interval old.
  #known: number;
  #knownAt: number;
  readonly #interval: number;

  /**
   * @param host its `clock` is monotonic; the default is `performance.now()`
   * @throws VesperaSecurityError `ERR_CONFIG_INVALID` naming the field
   */
  constructor(config: TokenBucketConfig, host: Host = {}) {
    const plain = plainCopy('limit', config);
    this.#clock = host.clock ?? performance;
    this.#knownAt = this.#clock.now();
    this.#known = 0;
    this.#interval = config.refillInterval;
    this.#resident = new Resident(
      KIND,
      (core) => core.bucketNew(plain, this.#knownAt),
      (core) => core.bucketRestore(plain, this.#known, this.#knownAt),
    );
    this.#known = this.getTokenCount();
  }

  /**
   * Takes `count` tokens, all or none.
   * @throws VesperaSecurityError `ERR_ARGUMENT_INVALID`
   */
  consumeTokens(count = 1): boolean {
    checkCount('limit', 'count', count);
    const { handle } = this.#resident;
    const now = this.#clock.now();
    let granted: boolean;
    try {
      granted = core.bucketTake(handle, count, now) === 0;
    } catch (thrown) {
      throw translate(thrown);
    }
    if (granted) this.#known -= count;
    if (now - this.#knownAt > this.#interval) this.getTokenCount();
    return granted;
  }

  /** The tokens that are there, with their fraction. */
  getTokenCount(): number {
    const { handle } = this.#resident;
    const now = this.#clock.now();
    this.#known = call((core) => core.bucketAvailable(handle, now));
    this.#knownAt = now;
    return this.#known;
  }

  /** Milliseconds until `count` tokens are there: 0 if they are, `Infinity` if the bucket never holds so many. */
  timeUntilAvailable(count: number): number {
    checkCount('limit', 'count', count);
    const { handle } = this.#resident;
    const now = this.#clock.now();
    return call((core) => core.bucketWait(handle, count, now));
  }

  dispose(): void {
    this.#resident.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}
