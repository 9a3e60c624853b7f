/** Bytes by key, in memory: for tests, and for what need not outlive the process. */
import type { Disposable } from '../types.js';
import { checkKey, checkValue, sameBytes } from './values.js';
import type { KeyValueStore } from './store.js';

/**
 * A store in memory. Values are copied in and out. Everyone who shares the object sees the same values.
 *
 * @example
 * const storage = new MemoryStore();
 * const store = new ConsentStore(storage, { keyset });
 */
export class MemoryStore implements KeyValueStore {
  readonly #values = new Map<string, Uint8Array>();
  readonly #stamps = new Map<string, number>();
  readonly #listeners = new Set<(key: string) => void>();
  #count = 0;

  get(key: string): Uint8Array | undefined {
    checkKey(key);
    return this.#values.get(key)?.slice();
  }

  set(key: string, value: Uint8Array): void {
    checkKey(key);
    checkValue(value);
    this.#values.set(key, value.slice());
    this.#changed(key);
  }

  delete(key: string): void {
    checkKey(key);
    if (this.#values.delete(key)) this.#changed(key);
  }

  keys(): string[] {
    return [...this.#values.keys()];
  }

  compareAndSet(key: string, expected: Uint8Array | undefined, value: Uint8Array): boolean {
    checkKey(key);
    if (!sameBytes(this.#values.get(key), expected)) return false;
    this.set(key, value);
    return true;
  }

  stamp(key: string): number {
    return this.#stamps.get(key) ?? 0;
  }

  watch(listener: (key: string) => void): Disposable {
    this.#listeners.add(listener);
    const dispose = (): void => void this.#listeners.delete(listener);
    return { dispose, [Symbol.dispose]: dispose };
  }

  #changed(key: string): void {
    this.#stamps.set(key, (this.#count += 1));
    for (const listener of this.#listeners) listener(key);
  }
}
