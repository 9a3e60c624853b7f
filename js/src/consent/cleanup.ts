/** Runs the hooks that delete data of purposes: with a time limit, more than once if need be, and reported. */
import { requireObject } from '../engine/configuration.js';
import { createError } from '../errors.js';
import type { Disposable } from '../types.js';
import { checkPurposeId } from './input.js';
import type { CleanupHook, CleanupReport, CleanupTask } from './types.js';

/** How cleanup hooks are run. */
export interface CleanupOptions {
  /** How often a hook is tried. @default 3 */
  readonly attempts?: number;
  /** Milliseconds before the second try; twice as many before each further one. @default 200 */
  readonly delay?: number;
  /** Milliseconds after which a try counts as failed. @default 30_000 */
  readonly timeout?: number;
}

/** The hooks of every purpose. */
export class Cleanups {
  readonly #hooks = new Map<string, Set<CleanupHook>>();
  readonly #options: Required<CleanupOptions>;
  readonly #sleep: (ms: number) => PromiseLike<void>;

  constructor(options: CleanupOptions, sleep: (ms: number) => PromiseLike<void>) {
    requireObject('consent: cleanup', options, ['attempts', 'delay', 'timeout']);
    this.#options = { attempts: 3, delay: 200, timeout: 30_000, ...options };
    this.#sleep = sleep;
    const { attempts, delay, timeout } = this.#options;
    if (!(Number.isInteger(attempts) && attempts >= 1 && attempts <= 100 && delay >= 0 && timeout >= 1)) {
      throw createError(
        'ERR_CONFIG_INVALID',
        'consent: cleanup needs attempts from 1 to 100, a delay from 0 and a timeout from 1 ms',
      );
    }
  }

  add(purposeId: string, hook: CleanupHook): Disposable {
    checkPurposeId(purposeId);
    if (typeof hook !== 'function')
      throw createError('ERR_CONFIG_INVALID', 'consent: a cleanup hook must be a function');
    const hooks = this.#hooks.get(purposeId) ?? new Set();
    this.#hooks.set(purposeId, hooks.add(hook));
    const dispose = (): void => void hooks.delete(hook);
    return { dispose, [Symbol.dispose]: dispose };
  }

  /** The purposes that have a hook. */
  get purposes(): string[] {
    return [...this.#hooks].filter(([, hooks]) => hooks.size > 0).map(([id]) => id);
  }

  async run(task: CleanupTask): Promise<CleanupReport> {
    const { purposeId } = task;
    const left = new Set(this.#hooks.get(purposeId));
    if (left.size === 0) return { purposeId, status: 'none', attempts: 0 };
    let error: unknown;
    for (let attempt = 1; attempt <= this.#options.attempts; attempt++) {
      if (attempt > 1) await this.#sleep(this.#options.delay * 2 ** (attempt - 2));
      for (const hook of [...left]) {
        try {
          await this.#within(async () => hook(task));
          left.delete(hook);
        } catch (thrown) {
          error = thrown;
        }
      }
      if (left.size === 0) return { purposeId, status: 'done', attempts: attempt };
    }
    return { purposeId, status: 'failed', attempts: this.#options.attempts, error };
  }

  async #within(work: () => Promise<void>): Promise<void> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(
        () =>
          reject(createError('ERR_CONSENT_CLEANUP_FAILED', 'consent: the cleanup hook did not end in time')),
        this.#options.timeout,
      );
    });
    try {
      await Promise.race([work(), late]);
    } finally {
      clearTimeout(timer);
    }
  }
}
