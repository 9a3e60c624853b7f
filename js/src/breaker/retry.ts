/** Tries again what failed, after a pause that spreads the tries. */
import { plainCopy, requireObject, requireSignal } from '../engine/configuration.js';
import { call } from '../engine/engine.js';
import { type Kind, Resident } from '../engine/resident.js';
import { createError } from '../errors.js';
import type { Disposable } from '../types.js';
import { type Operation, pause } from './deadline.js';
import { judgeError, type Verdict, verdictOf } from './verdict.js';

/** How a delay grows from one try to the next. The longest is 64 times the first if not given. */
export type BackoffConfig =
  | { readonly kind: 'constant' }
  | { readonly kind: 'exponential'; readonly factor?: number; readonly maximum?: number }
  | { readonly kind: 'decorrelated'; readonly maximum?: number };

/** How often and when to try again. */
export interface RetryConfig {
  /** How often the operation runs at most, the first time included, from 1 to 100. @default 3 */
  readonly attempts?: number;
  /** The pause before the second run, in milliseconds. @default 200 */
  readonly delay?: number;
  /** How the pause grows. @default decorrelated jitter up to 10 seconds */
  readonly backoff?: BackoffConfig;
}

const KIND: Kind = { domain: 'breaker', free: (core, handle) => core.retryFree(handle) };

/** Ends a pause at once. @internal */
export type Cut = (end: () => void) => { dispose(): void };

const never: Cut = () => ({ dispose: () => {} });

/**
 * Retries. Only a failure is tried again: what is ignored or rate-limited will not be better in a moment.
 *
 * @example
 * const retry = new Retry({ attempts: 4, delay: 100 });
 * const answer = await retry.execute(() => ask(server));
 */
export class Retry implements Disposable {
  readonly #resident: Resident;

  /** @throws VesperaSecurityError `ERR_CONFIG_INVALID` naming the field */
  constructor(config: RetryConfig = {}) {
    const plain = plainCopy('breaker: retry', config);
    const make = (core: Parameters<Kind['free']>[0]): number => core.retryNew(plain);
    this.#resident = new Resident(KIND, make, make);
  }

  /**
   * Runs the operation until it succeeds, its last run failed, or the signal aborts.
   * @throws whatever the last run throws; the signal's reason
   */
  async execute<T>(
    operation: Operation<T>,
    options: { readonly signal?: AbortSignal | undefined; readonly judge?: (error: unknown) => Verdict } = {},
  ): Promise<T> {
    if (typeof operation !== 'function')
      throw createError('ERR_ARGUMENT_INVALID', 'breaker: the operation must be a function');
    requireObject('breaker: the options', options, ['signal', 'judge']);
    const { signal, judge = judgeError } = options;
    requireSignal('breaker', signal);
    if (typeof judge !== 'function')
      throw createError('ERR_CONFIG_INVALID', 'breaker: judge must be a function');
    return this.run(operation, signal, (error) => isFailure(verdictOf(judge, error, 'failure')), never);
  }

  /** The same for a breaker: `again` says whether to go on, `cut` ends a pause. @internal */
  async run<T>(
    operation: Operation<T>,
    signal: AbortSignal | undefined,
    again: (error: unknown) => boolean,
    cut: Cut,
  ): Promise<T> {
    let delay = 0;
    for (let runs = 1; ; runs++) {
      try {
        return await operation(signal);
      } catch (error) {
        if (signal?.aborted || !again(error)) throw error;
        const { handle } = this.#resident;
        const previous = delay;
        delay = call((core) => core.retryDelay(handle, runs, previous));
        if (delay < 0) throw error;
        await pause(delay, signal, cut);
        if (!again(error)) throw error;
      }
    }
  }

  dispose(): void {
    this.#resident.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}

/** @internal */
export function isFailure(verdict: Verdict): boolean {
  return (typeof verdict === 'string' ? verdict : verdict.outcome) === 'failure';
}
