/**
 * Where bytes outlive the process. A store knows keys and bytes; what they mean, and whether they are whole,
 * is the business of whoever sealed them.
 */
import type { Disposable } from '../types.js';

/** A value, or a promise of one: a store may answer either way. */
export type MaybePromise<T> = T | PromiseLike<T>;

/** Bytes by key. Keys are 1 to 128 characters of `a-z 0-9 . _ -` and start with a letter or digit. */
export interface KeyValueStore {
  /** The bytes of a key, or `undefined` if there are none. */
  get(key: string): MaybePromise<Uint8Array | undefined>;
  /** Writes a key, whatever is there. */
  set(key: string, value: Uint8Array): MaybePromise<void>;
  /** Removes a key; nothing happens if it is not there. */
  delete(key: string): MaybePromise<void>;
  /** Every key that holds something, in no order. */
  keys(): MaybePromise<readonly string[]>;
  /**
   * Writes a key if it still holds `expected`, which is `undefined` for a key that holds nothing, and answers
   * whether it did. Of several writers with the same expectation exactly one succeeds.
   */
  compareAndSet(key: string, expected: Uint8Array | undefined, value: Uint8Array): MaybePromise<boolean>;
  /**
   * A mark of the key's present value, at once and cheap: another mark after another value, also one that
   * another process wrote. NaN, which equals nothing, if it changed since it was read here. Without `stamp`,
   * readers rely on `watch`, or read again after a while.
   */
  stamp?(key: string): string | number | undefined;
  /** `get` and the mark of what it got, for stores where others may write between the two. */
  read?(key: string): MaybePromise<{
    readonly value: Uint8Array | undefined;
    readonly stamp: string | number | undefined;
  }>;
  /** Tells of keys that may have changed, for stores that cannot answer `stamp`. */
  watch?(listener: (key: string) => void): Disposable;
}
