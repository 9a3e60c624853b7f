/** Ends waiting: after a time, or when the caller no longer wants the answer. */
import { createError } from '../errors.js';
import { withoutStack } from './refusal.js';

/** What runs under a breaker. The signal says that nobody waits for the answer any more: hand it on, to `fetch` say. */
export type Operation<T> = (signal?: AbortSignal) => T | PromiseLike<T>;

/**
 * Runs an operation that may take `timeout` milliseconds and no longer than until `signal` aborts. Whatever comes first
 * ends the waiting at once; the operation is told by its own signal. @internal
 */
export function withDeadline<T>(
  operation: Operation<T>,
  timeout: number | undefined,
  signal: AbortSignal | undefined,
): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    if (signal?.aborted) {
      reject(signal.reason);
      return;
    }
    const controller = new AbortController();
    const end = (reason: unknown): void => {
      clear();
      reject(reason);
      controller.abort(reason);
    };
    const onAbort = (): void => end(signal?.reason);
    const timer = timeout === undefined ? undefined : setTimeout(() => end(timeoutError(timeout)), timeout);
    const clear = (): void => {
      if (timer !== undefined) clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
    };
    signal?.addEventListener('abort', onAbort, { once: true });
    // Through an async function, so that an operation that throws before its first await is a rejection too.
    (async () => operation(controller.signal))().then(
      (result) => {
        clear();
        resolve(result);
      },
      (error: unknown) => {
        clear();
        reject(error);
      },
    );
  });
}

/** Waits; sooner over if the signal aborts (rejected with its reason) or `cut` hands in a way to end it. @internal */
export function pause(
  delay: number,
  signal: AbortSignal | undefined,
  cut: (end: () => void) => { dispose(): void },
): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(signal.reason);
      return;
    }
    const clear = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
      subscription.dispose();
    };
    const done = (): void => {
      clear();
      resolve();
    };
    const onAbort = (): void => {
      clear();
      reject(signal?.reason);
    };
    const timer = setTimeout(done, delay);
    const subscription = cut(done);
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}

function timeoutError(timeout: number): Error {
  return withoutStack(() =>
    createError(
      'ERR_TIMEOUT',
      `breaker: the operation took longer than ${timeout} ms, its signal was aborted`,
    ),
  );
}
