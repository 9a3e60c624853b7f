/** A breaker for each resource, however many a stranger thinks up. */
import { CircuitBreaker, type ExecuteOptions } from '../breaker.js';
import { requireObject } from '../engine/configuration.js';
import { createError } from '../errors.js';
import type { Disposable } from '../types.js';
import {
  type CircuitBreakerConfig,
  type CircuitBreakerHost,
  POLICY,
  type PolicyHost,
  policyOf,
} from './config.js';
import type { Operation } from './deadline.js';

/** What each breaker is like, and how many there are at most. */
export interface CircuitBreakerRegistryConfig extends Omit<CircuitBreakerConfig, 'name' | 'initialState'> {
  /** Breakers at most, from 1 to 1,000,000. @default 1_000 */
  readonly capacity?: number;
}

const MOST = 1_000_000;

/** The longest name of a resource, in UTF-16 units. */
const LONGEST = 1_024;

/** How many of the least recently used breakers are looked at to find one that may leave. */
const TRIES = 8;

/**
 * Breakers by resource, made when they are asked for.
 *
 * At most `capacity` of them. Beyond that, the least recently used breaker leaves if nothing is lost with it: it is
 * closed and no failure counts. If there is none among the eight oldest, the newcomers share one breaker, so that
 * nobody can empty an open circuit by inventing names.
 *
 * @example
 * const breakers = new CircuitBreakerRegistry({ failureThreshold: 5, capacity: 100 });
 * const answer = await breakers.execute(url.host, (signal) => fetch(url, { signal }));
 */
export class CircuitBreakerRegistry implements Disposable {
  readonly capacity: number;
  readonly #host: PolicyHost;
  // From the least to the most recently used.
  readonly #breakers = new Map<string, CircuitBreaker>();
  // The others are made after it. It runs nothing itself.
  readonly #template: CircuitBreaker;
  #latest: string | undefined;
  #shared: CircuitBreaker | undefined;
  #disposed = false;

  /** @throws VesperaSecurityError `ERR_CONFIG_INVALID` naming the field */
  constructor(config: CircuitBreakerRegistryConfig = {}, host: CircuitBreakerHost = {}) {
    requireObject('breaker: the configuration', config);
    const { capacity = 1_000, ...rest } = config;
    if (!(Number.isInteger(capacity) && capacity >= 1 && capacity <= MOST))
      throw createError('ERR_CONFIG_INVALID', 'breaker: capacity must be a whole number from 1 to 1000000');
    const own = ['name', 'initialState'].find((field) => Object.hasOwn(rest, field));
    if (own !== undefined)
      throw createError('ERR_CONFIG_INVALID', `breaker: ${own} belongs to one breaker, not to a registry`);
    requireObject('breaker: the host', host, ['clock', 'wallClock']);
    this.capacity = capacity;
    this.#host = { [POLICY]: policyOf(rest, host) };
    // A configuration that the core refuses is refused here, not at the first call.
    this.#template = new CircuitBreaker({}, this.#host);
  }

  /** How many breakers there are. */
  get size(): number {
    return this.#breakers.size;
  }

  /** The names of the resources, from the least to the most recently used. */
  get resources(): readonly string[] {
    return [...this.#breakers.keys()];
  }

  /**
   * The breaker of a resource. Ask each time: one that is not used may leave, and is then disposed of.
   * @throws VesperaSecurityError `ERR_ARGUMENT_INVALID`, `ERR_INPUT_TOO_LARGE`, `ERR_DISPOSED`
   */
  get(resource: string): CircuitBreaker {
    if (this.#disposed)
      throw createError('ERR_DISPOSED', 'breaker: the registry was disposed of, make a new one');
    const known = this.#breakers.get(resource);
    if (known) {
      if (resource !== this.#latest) this.#touch(resource, known);
      return known;
    }
    if (typeof resource !== 'string')
      throw createError('ERR_ARGUMENT_INVALID', 'breaker: resource must be a string');
    if (resource.length > LONGEST) {
      throw createError('ERR_INPUT_TOO_LARGE', `breaker: resource is longer than ${LONGEST} UTF-16 units`, {
        size: resource.length,
        limit: LONGEST,
      });
    }
    if (this.#breakers.size >= this.capacity && !this.#makeRoom()) {
      this.#shared ??= new CircuitBreaker({}, this.#host);
      return this.#shared;
    }
    const breaker = new CircuitBreaker({ name: resource }, this.#host);
    this.#touch(resource, breaker);
    return breaker;
  }

  /** Whether a resource has a breaker of its own. */
  has(resource: string): boolean {
    return this.#breakers.has(resource);
  }

  /** Runs an operation under the breaker of its resource. */
  async execute<T>(resource: string, operation: Operation<T>, options?: ExecuteOptions<T>): Promise<T> {
    return this.get(resource).execute(operation, options);
  }

  dispose(): void {
    this.#disposed = true;
    for (const breaker of this.#breakers.values()) breaker.dispose();
    this.#breakers.clear();
    this.#shared?.dispose();
    this.#template.dispose();
    this.#host[POLICY].retry?.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  #touch(resource: string, breaker: CircuitBreaker): void {
    this.#breakers.delete(resource);
    this.#breakers.set(resource, breaker);
    this.#latest = resource;
  }

  /** Lets go of one breaker with which nothing is lost. */
  #makeRoom(): boolean {
    let tries = 0;
    for (const [resource, breaker] of this.#breakers) {
      if (breaker.idle) {
        // A call of it that is still under way ends without a report: of a breaker that counts nothing.
        breaker.dispose();
        this.#breakers.delete(resource);
        return true;
      }
      if (++tries >= TRIES) return false;
    }
    return false;
  }
}
