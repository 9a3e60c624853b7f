/** Tokens and other secret texts by name. */
import { call } from '../engine/engine.js';
import { checkText } from '../engine/limits.js';
import { createError, type ErrorCode, isVesperaSecurityError } from '../errors.js';
import { Keyset } from './keyset.js';

type MaybePromise<T> = T | PromiseLike<T>;

/** Where sealed entries lie: a `MemoryStore`, `FileStore` or `MementoStore`, or an object like them. */
export interface VaultStorage {
  get(key: string): MaybePromise<Uint8Array | undefined>;
  set(key: string, value: Uint8Array): MaybePromise<void>;
  delete(key: string): MaybePromise<void>;
  keys(): MaybePromise<readonly string[]>;
  /** Writes if the key still holds `expected`; without it, `rotate` can undo a `set` that another window makes at once. */
  compareAndSet?(key: string, expected: Uint8Array | undefined, value: Uint8Array): MaybePromise<boolean>;
}

/** An entry that does not open. Its name is sealed with it. */
export interface VaultFault {
  /** Its key in the storage. */
  readonly key: string;
  /** `ERR_CRYPTO_OPEN_FAILED`, or `ERR_CRYPTO_KEY_DISABLED` if its key is disabled or destroyed. */
  readonly code: ErrorCode;
}

/** The most bytes of a name, and of a value. */
const MAX_VALUE = 64 * 1024;

/**
 * Keeps tokens, such as the one for GitHub. Neither names nor values can be read in the storage: an entry lies
 * under a keyed commitment to its name, and is sealed.
 *
 * @example
 * const vault = new SecretVault(keyset, new MemoryStore());
 * await vault.set('github', token);
 * if (await vault.matches('github', candidate)) …
 */
export class SecretVault {
  readonly #keyset: Keyset;
  readonly #storage: VaultStorage;
  readonly #vault: string;

  /**
   * @param name tells vaults in one storage apart: 1 to 32 characters of `a-z 0-9 -`
   * @throws VesperaSecurityError `ERR_CONFIG_INVALID`
   */
  constructor(keyset: Keyset, storage: VaultStorage, { name = 'vault' }: { readonly name?: string } = {}) {
    if (!/^[a-z0-9][a-z0-9-]{0,31}$/.test(name)) {
      throw createError(
        'ERR_CONFIG_INVALID',
        'crypto: the name of a vault must be 1 to 32 characters of a-z 0-9 -',
      );
    }
    this.#keyset = keyset;
    this.#storage = storage;
    this.#vault = name;
  }

  /** Keeps a value under a name, in the place of the one before. @throws VesperaSecurityError `ERR_INPUT_TOO_LARGE` */
  async set(name: string, value: string): Promise<void> {
    checkText('crypto', value, MAX_VALUE);
    const key = this.#keyOf(name);
    const handle = Keyset.handleOf(this.#keyset);
    const sealed = call((core) => core.vaultSeal(handle, this.#vault, name, value));
    await this.#storage.set(this.#place(key), sealed);
  }

  /**
   * The value of a name, or undefined if there is none.
   * @throws VesperaSecurityError `ERR_CRYPTO_OPEN_FAILED`, `ERR_CRYPTO_KEY_DISABLED`: never taken for "none"
   */
  async get(name: string): Promise<string | undefined> {
    const key = this.#keyOf(name);
    const sealed = await this.#storage.get(this.#place(key));
    if (!sealed) return undefined;
    const handle = Keyset.handleOf(this.#keyset);
    return call((core) => core.vaultValue(handle, this.#vault, key, sealed));
  }

  /** Whether a name has a value. */
  async has(name: string): Promise<boolean> {
    return (await this.#storage.get(this.#place(this.#keyOf(name)))) !== undefined;
  }

  /** Whether a candidate is the value of a name, in constant time. False if there is none. */
  async matches(name: string, candidate: string): Promise<boolean> {
    checkText('crypto', candidate, MAX_VALUE);
    const key = this.#keyOf(name);
    const sealed = await this.#storage.get(this.#place(key));
    if (!sealed) return false;
    const handle = Keyset.handleOf(this.#keyset);
    return call((core) => core.vaultMatches(handle, this.#vault, key, sealed, candidate));
  }

  /** Removes a name and its value. */
  async delete(name: string): Promise<void> {
    await this.#storage.delete(this.#place(this.#keyOf(name)));
  }

  /** The names that have a value, in order. @throws VesperaSecurityError as `get` */
  async names(): Promise<string[]> {
    const names: string[] = [];
    for (const { key, sealed } of await this.#entries()) {
      names.push(this.#nameIn(key, sealed));
    }
    return names.sort();
  }

  /** Seals anew what an older key of the keyset sealed, and answers how many entries that were. */
  async rotate(): Promise<number> {
    let count = 0;
    for (const { key, sealed } of await this.#entries()) {
      if (this.#keyset.isCurrent(sealed)) continue;
      const handle = Keyset.handleOf(this.#keyset);
      const again = call((core) => core.vaultReseal(handle, this.#vault, key, sealed));
      const place = this.#place(key);
      // Who wrote in between sealed with the primary key already.
      if (!this.#storage.compareAndSet) await this.#storage.set(place, again);
      else if (!(await this.#storage.compareAndSet(place, sealed, again))) continue;
      count += 1;
    }
    return count;
  }

  /** Opens every entry and answers those that do not open: an empty list if all is well. */
  async validate(): Promise<VaultFault[]> {
    const faults: VaultFault[] = [];
    for (const { key, sealed } of await this.#entries()) {
      try {
        this.#nameIn(key, sealed);
      } catch (thrown) {
        if (!isVesperaSecurityError(thrown) || !thrown.code.startsWith('ERR_CRYPTO_')) throw thrown;
        faults.push({ key: this.#place(key), code: thrown.code });
      }
    }
    return faults;
  }

  async #entries(): Promise<{ key: Uint8Array; sealed: Uint8Array }[]> {
    const entries = [];
    const prefix = `${this.#vault}.`;
    for (const place of await this.#storage.keys()) {
      const hex = place.startsWith(prefix) ? place.slice(prefix.length) : '';
      if (!/^[0-9a-f]{64}$/.test(hex)) continue;
      const sealed = await this.#storage.get(place);
      const key = Uint8Array.from(hex.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));
      // An entry deleted since the keys were listed is no fault.
      if (sealed) entries.push({ key, sealed });
    }
    return entries;
  }

  #nameIn(key: Uint8Array, sealed: Uint8Array): string {
    const handle = Keyset.handleOf(this.#keyset);
    return call((core) => core.vaultName(handle, this.#vault, key, sealed));
  }

  #keyOf(name: string): Uint8Array {
    checkText('crypto', name, MAX_VALUE);
    const handle = Keyset.handleOf(this.#keyset);
    return call((core) => core.vaultKey(handle, this.#vault, name));
  }

  #place(key: Uint8Array): string {
    return `${this.#vault}.${Array.from(key, (byte) => byte.toString(16).padStart(2, '0')).join('')}`;
  }
}
