/** Limits what is repeated. */
import { clockOf } from './engine/clock.js';
import { plainCopy, requireObject } from './engine/configuration.js';
import { call, core, translate } from './engine/engine.js';
import { checkCount } from './engine/limits.js';
import { type Kind, Resident } from './engine/resident.js';
import type { Clock, Disposable, Host } from './types.js';

/** What a bucket may hold and how it fills. All amounts are tokens. */
export interface TokenBucketConfig {
  /** What the bucket holds without the burst, a whole number from 1. */
  readonly capacity: number;
  /** Tokens gained each interval, from 0.000001, to six decimals. */
  readonly refillRate: number;
  /** The interval in whole milliseconds, from 1. */
  readonly refillInterval: number;
  /** Tokens at the start, from 0 to `capacity + burstAllowance`. @default capacity */
  readonly initialTokens?: number;
  /** What the bucket holds beyond its capacity. @default 0 */
  readonly burstAllowance?: number;
  /** Whether tokens come evenly or all at the end of an interval. @default 'continuous' */
  readonly refill?: 'continuous' | 'interval';
}

const KIND: Kind = { domain: 'limit', free: (core, handle) => core.bucketFree(handle) };

/**
 * A token bucket. It holds up to `capacity + burstAllowance` tokens and has no timer. In any window of `w` ms, at most
 * `capacity + burstAllowance + refillRate * w / refillInterval` tokens are taken.
 *
 * @example
 * const bucket = new TokenBucket({ capacity: 5, refillRate: 1, refillInterval: 1_000 });
 * if (!bucket.consumeTokens()) await delay(bucket.timeUntilAvailable(1));
 */
export class TokenBucket implements Disposable {
  readonly #clock: Clock;
  readonly #resident: Resident;
  // What is known if the engine stops: what was there at a time, at most one interval ago, and what was taken since.
  #known: number;
  #knownAt: number;
  #spent = 0;
  readonly #interval: number;

  /**
   * @param host its `clock` is monotonic; the default is `performance.now()`
   * @throws VesperaSecurityError `ERR_CONFIG_INVALID` naming the field
   */
  constructor(config: TokenBucketConfig, host: Host = {}) {
    const plain = plainCopy('limit', config);
    requireObject('limit: the host', host, ['clock']);
    this.#clock = clockOf('limit', host.clock, performance);
    let now = this.#clock.now();
    this.#knownAt = now;
    this.#known = 0;
    this.#interval = (plain as TokenBucketConfig).refillInterval;
    this.#resident = new Resident(
      KIND,
      (core) => core.bucketNew(plain, now),
      (core) => {
        const handle = core.bucketRestore(plain, this.#known, this.#knownAt, this.#spent, now);
        this.#note(core.bucketBalance(handle, now), now);
        return handle;
      },
      () => {
        now = this.#clock.now();
      },
    );
    this.getTokenCount();
  }

  /**
   * Takes `count` tokens, all or none.
   * @throws VesperaSecurityError `ERR_ARGUMENT_INVALID`
   */
  consumeTokens(count = 1): boolean {
    checkCount('limit', 'count', count);
    const now = this.#clock.now();
    const { handle } = this.#resident;
    let granted: boolean;
    try {
      granted = core.bucketTake(handle, count, now) === 0;
    } catch (thrown) {
      throw translate(thrown);
    }
    if (granted) this.#spent += count;
    if (now - this.#knownAt > this.#interval) this.#look(now);
    return granted;
  }

  /** The tokens that are there, with their fraction. */
  getTokenCount(): number {
    return Math.max(0, this.#look(this.#clock.now()));
  }

  /** Milliseconds until `count` tokens are there: 0 if they are, `Infinity` if the bucket never holds so many. */
  timeUntilAvailable(count = 1): number {
    checkCount('limit', 'count', count);
    const now = this.#clock.now();
    const { handle } = this.#resident;
    return call((core) => core.bucketWait(handle, count, now));
  }

  /** Takes `count` tokens whether they are there or not; what is missing is owed, and the refill pays it first. */
  penalty(count: number): void {
    checkCount('limit', 'count', count);
    this.#adjust(count);
  }

  /** Gives back `count` tokens that were taken and not used, at most up to capacity and burst. */
  refund(count: number): void {
    checkCount('limit', 'count', count);
    this.#adjust(-count);
  }

  dispose(): void {
    this.#resident.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  #adjust(taken: number): void {
    const now = this.#clock.now();
    const { handle } = this.#resident;
    call((core) => core.bucketAdjust(handle, taken, now));
    this.#look(now);
  }

  #look(now: number): number {
    const { handle } = this.#resident;
    const balance = call((core) => core.bucketBalance(handle, now));
    this.#note(balance, now);
    return balance;
  }

  #note(balance: number, now: number): void {
    this.#known = balance;
    this.#knownAt = now;
    this.#spent = 0;
  }
}
