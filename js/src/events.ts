/** Events in the shape of VS Code's, and the same as an `EventTarget`. */
import { createError } from './errors.js';

/** What an event's subscription answers: VS Code's own `Disposable` fits. */
export interface Subscription {
  dispose(): void;
}

/** VS Code's `Event<T>`: call it with a listener. `disposables` collects the subscription for the extension's end. */
export type Event<T> = (
  listener: (event: T) => unknown,
  thisArg?: unknown,
  disposables?: Subscription[],
) => Subscription;

/** Calls listeners in the order in which they came. @internal */
export class Emitter<T> {
  #listeners: readonly ((event: T) => unknown)[] = [];

  readonly event: Event<T> = (listener, thisArg, disposables) => {
    if (typeof listener !== 'function')
      throw createError('ERR_ARGUMENT_INVALID', 'events: the listener must be a function');
    // An own function each time: the same listener twice is two subscriptions.
    const own = (event: T): unknown => listener.call(thisArg, event);
    this.#listeners = [...this.#listeners, own];
    const subscription = {
      dispose: () => {
        this.#listeners = this.#listeners.filter((other) => other !== own);
      },
    };
    disposables?.push(subscription);
    return subscription;
  };

  get used(): boolean {
    return this.#listeners.length > 0;
  }

  /** A listener that throws stops neither the others nor the caller: its error goes to the host. */
  fire(event: T): void {
    for (const listener of this.#listeners) {
      try {
        listener(event);
      } catch (error) {
        hand(error);
      }
    }
  }
}

/** Reports an error where the host reports errors of its own event listeners. */
function hand(error: unknown): void {
  const { reportError } = globalThis as { reportError?: (error: unknown) => void };
  if (reportError) {
    reportError(error);
    return;
  }
  queueMicrotask(() => {
    throw error;
  });
}
