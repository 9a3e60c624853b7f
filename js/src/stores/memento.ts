/**
 * Bytes by key in a `Memento` of the editor (`context.globalState`, `context.workspaceState`).
 *
 * What a Memento cannot do, this cannot either:
 * - There is no compare-and-set between windows. Within one extension host, writers take turns and lose nothing;
 *   of two windows that write the same key in the same instant, the later write stands and the earlier is lost.
 *   Where people keep several windows open, use `FileStore` on `context.globalStorageUri`.
 * - The editor tells other windows of a write when it gets to it, usually within a second. Until then they see
 *   the former value.
 * - A Memento is written whole with every change, and the editor warns above 512 KiB. Keep few people in one.
 */
import { decodeBase64 } from '../engine/base64.js';
import { requireMethods } from '../engine/configuration.js';
import { createError } from '../errors.js';
import { checkKey, checkValue, encodeBase64, sameBytes } from './values.js';
import type { KeyValueStore } from './store.js';

/** The part of `vscode.Memento` that is used. */
export interface MementoLike {
  get<T>(key: string): T | undefined;
  update(key: string, value: unknown): PromiseLike<void>;
  keys(): readonly string[];
}

// Writers on one Memento take turns, however many stores were made on it.
const turns = new WeakMap<MementoLike, Promise<unknown>>();

/**
 * A store on a Memento. Values are kept as base64 below `prefix`.
 *
 * @example
 * const storage = new MementoStore(context.globalState);
 */
export class MementoStore implements KeyValueStore {
  readonly #memento: MementoLike;
  readonly #prefix: string;

  constructor(memento: MementoLike, prefix = 'vespera.') {
    requireMethods('stores: the Memento', memento, 'get', 'update', 'keys');
    if (typeof prefix !== 'string')
      throw createError('ERR_CONFIG_INVALID', 'stores: the prefix must be a string');
    this.#memento = memento;
    this.#prefix = prefix;
  }

  get(key: string): Uint8Array | undefined {
    const text = this.stamp(key);
    if (text === undefined) return undefined;
    try {
      return decodeBase64(text);
    } catch (cause) {
      throw unreadable(cause);
    }
  }

  async set(key: string, value: Uint8Array): Promise<void> {
    checkKey(key);
    checkValue(value);
    await this.#turn(() => this.#memento.update(this.#prefix + key, encodeBase64(value)));
  }

  async delete(key: string): Promise<void> {
    checkKey(key);
    await this.#turn(() => this.#memento.update(this.#prefix + key, undefined));
  }

  keys(): string[] {
    const own = this.#memento.keys().filter((key) => key.startsWith(this.#prefix));
    return own.map((key) => key.slice(this.#prefix.length)).filter((key) => this.stamp(key) !== undefined);
  }

  async compareAndSet(key: string, expected: Uint8Array | undefined, value: Uint8Array): Promise<boolean> {
    checkKey(key);
    checkValue(value);
    return this.#turn(async () => {
      if (!sameBytes(this.get(key), expected)) return false;
      await this.#memento.update(this.#prefix + key, encodeBase64(value));
      return true;
    });
  }

  /** The text itself: two values are the same exactly if their texts are. */
  stamp(key: string): string | undefined {
    checkKey(key);
    const value = this.#memento.get<unknown>(this.#prefix + key);
    if (value !== undefined && typeof value !== 'string') throw unreadable();
    return value;
  }

  #turn<T>(work: () => PromiseLike<T>): Promise<T> {
    const before = turns.get(this.#memento) ?? Promise.resolve();
    const mine = before.then(work, work);
    turns.set(
      this.#memento,
      mine.catch(() => {}),
    );
    return mine;
  }
}

// Something else under our key is never taken for "nothing there".
function unreadable(cause?: unknown): Error {
  return createError(
    'ERR_STORE_FAILED',
    'stores: the Memento holds something else under this key',
    {},
    { cause },
  );
}
