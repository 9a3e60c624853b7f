/** How many calls may run at once, and how many may wait for their turn. */
import { requireObject, requireSignal } from '../engine/configuration.js';
import { createError } from '../errors.js';
import { type Operation } from './deadline.js';
import { withoutStack } from './refusal.js';

/** What a bulkhead holds. */
export interface BulkheadConfig {
  /** Operations that run at once, from 1 to 10,000. */
  readonly concurrency: number;
  /** Operations that wait in line, first come first served, from 0 to 10,000. @default 0 */
  readonly queue?: number;
}

const MOST = 10_000;

/**
 * A bulkhead: runs so many operations at once, keeps so many waiting, and refuses the rest.
 *
 * @example
 * const bulkhead = new Bulkhead({ concurrency: 2, queue: 10 });
 * const answer = await bulkhead.execute(() => ask(server));
 */
export class Bulkhead {
  readonly concurrency: number;
  readonly queue: number;
  #active = 0;
  // In the order in which they came; whoever leaves is gone at once.
  readonly #line = new Set<() => void>();

  /** @throws VesperaSecurityError `ERR_CONFIG_INVALID` */
  constructor(config: BulkheadConfig) {
    requireObject('breaker: bulkhead', config, ['concurrency', 'queue']);
    const { concurrency, queue = 0 } = config;
    if (!(Number.isInteger(concurrency) && concurrency >= 1 && concurrency <= MOST))
      throw createError(
        'ERR_CONFIG_INVALID',
        'breaker: bulkhead.concurrency must be a whole number from 1 to 10000',
      );
    if (!(Number.isInteger(queue) && queue >= 0 && queue <= MOST))
      throw createError(
        'ERR_CONFIG_INVALID',
        'breaker: bulkhead.queue must be a whole number from 0 to 10000',
      );
    this.concurrency = concurrency;
    this.queue = queue;
  }

  /** Operations that run. */
  get active(): number {
    return this.#active;
  }

  /** Operations that wait. */
  get waiting(): number {
    return this.#line.size;
  }

  /**
   * Runs the operation when it is its turn. A signal that aborts takes it out of the line.
   * @throws VesperaSecurityError `ERR_BULKHEAD_FULL`; the signal's reason; whatever the operation throws
   */
  async execute<T>(
    operation: Operation<T>,
    options: { readonly signal?: AbortSignal | undefined } = {},
  ): Promise<T> {
    requireObject('breaker: the options', options, ['signal']);
    const { signal } = options;
    requireSignal('breaker', signal);
    if (typeof operation !== 'function')
      throw createError('ERR_ARGUMENT_INVALID', 'breaker: the operation must be a function');
    if (signal?.aborted) throw signal.reason;
    if (this.#active < this.concurrency) this.#active += 1;
    else await this.#turn(signal);
    try {
      return await operation(signal);
    } finally {
      this.#pass();
    }
  }

  /** Waits in line; a place is taken when it is over. */
  #turn(signal: AbortSignal | undefined): Promise<void> {
    if (this.#line.size >= this.queue) {
      throw withoutStack(() =>
        createError(
          'ERR_BULKHEAD_FULL',
          'breaker: the bulkhead and its line are full, the operation was not started',
          {
            limit: this.concurrency + this.queue,
          },
        ),
      );
    }
    return new Promise((resolve, reject) => {
      const start = (): void => {
        signal?.removeEventListener('abort', onAbort);
        resolve();
      };
      const onAbort = (): void => {
        this.#line.delete(start);
        reject(signal?.reason);
      };
      this.#line.add(start);
      signal?.addEventListener('abort', onAbort, { once: true });
    });
  }

  /** Hands a place to the first in line, or gives it back. */
  #pass(): void {
    for (const start of this.#line) {
      this.#line.delete(start);
      start();
      return;
    }
    this.#active -= 1;
  }
}
