/** A number that only grows, kept where whoever writes the records cannot write. */
import { requireMethods } from '../engine/configuration.js';
import { createError } from '../errors.js';
import type { MaybePromise } from './store.js';

/**
 * Keeps the highest generation of each name. An older record that is put back is then refused, also after a
 * restart. Keep it apart from the records: in an editor in its `SecretStorage`.
 */
export interface Anchor {
  /** The number of a name, or `undefined` if it has none. */
  read(name: string): MaybePromise<number | undefined>;
  /** Raises the number of a name; one that is higher already stays. */
  advance(name: string, generation: number): MaybePromise<void>;
}

/** The part of `vscode.SecretStorage` that is used. */
export interface SecretStorageLike {
  get(key: string): PromiseLike<string | undefined>;
  store(key: string, value: string): PromiseLike<void>;
}

/** An anchor in memory: for tests. */
export class MemoryAnchor implements Anchor {
  readonly #numbers = new Map<string, number>();

  read(name: string): number | undefined {
    return this.#numbers.get(name);
  }

  advance(name: string, generation: number): void {
    this.#numbers.set(name, Math.max(generation, this.#numbers.get(name) ?? 0));
  }
}

/**
 * An anchor in the editor's `SecretStorage`.
 *
 * An editor without a keyring keeps secrets in memory only; the anchor then forgets at every restart, and the
 * refusal lasts as long as the process.
 */
export class SecretAnchor implements Anchor {
  readonly #secrets: SecretStorageLike;
  readonly #prefix: string;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(secrets: SecretStorageLike, prefix = 'vespera.anchor.') {
    requireMethods('stores: the secrets of an anchor', secrets, 'get', 'store');
    if (typeof prefix !== 'string')
      throw createError('ERR_CONFIG_INVALID', 'stores: the prefix must be a string');
    this.#secrets = secrets;
    this.#prefix = prefix;
  }

  async read(name: string): Promise<number | undefined> {
    const text = await this.#secrets.get(this.#prefix + name);
    // Something else than a number is not a missing one: nothing is then accepted.
    return text === undefined ? undefined : /^\d{1,15}$/.test(text) ? Number(text) : Number.MAX_SAFE_INTEGER;
  }

  advance(name: string, generation: number): Promise<void> {
    const mine = this.#turn.then(async () => {
      if (generation > ((await this.read(name)) ?? 0)) {
        await this.#secrets.store(this.#prefix + name, String(generation));
      }
    });
    this.#turn = mine.catch(() => {});
    return mine;
  }
}
