/** Tokens and other secret texts by name. */
import { requireMethods, requireObject } from '../engine/configuration.js';
import { call } from '../engine/engine.js';
import { checkExactText } from '../engine/limits.js';
import { createError, type ErrorCode, isVesperaSecurityError } from '../errors.js';
import { type Anchor, MemoryAnchor } from '../stores/anchor.js';
import { Keyset } from './keyset.js';
import { withBytes } from './secret-text.js';

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

/** An entry that is refused. Its name is sealed with it. */
export interface VaultFault {
  /** Its key in the storage. */
  readonly key: string;
  /**
   * `ERR_CRYPTO_OPEN_FAILED`; `ERR_CRYPTO_KEY_DISABLED` if its key is disabled or destroyed;
   * `ERR_CRYPTO_ROLLED_BACK` if it is older than one that was there before.
   */
  readonly code: ErrorCode;
}

/** The most bytes of a name, and of a value. */
const MAX_VALUE = 64 * 1024;

/** How a vault behaves. */
export interface SecretVaultOptions {
  /** Tells vaults in one storage apart: 1 to 32 characters of `a-z 0-9 -`. @default 'vault' */
  readonly name?: string;
  /**
   * Keeps how often each name was written, so that an older entry put back is refused after a restart too. Without
   * it the refusal lasts as long as this object.
   */
  readonly anchor?: Anchor;
}

/**
 * Keeps tokens, such as the one for GitHub. Neither names nor values can be read in the storage: an entry lies
 * under a keyed commitment to its name, and is sealed. An older entry that is put back is refused; one that is
 * taken away is as if it had never been.
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
  readonly #anchor: Anchor;

  /** @throws VesperaSecurityError `ERR_CONFIG_INVALID` */
  constructor(keyset: Keyset, storage: VaultStorage, options: SecretVaultOptions = {}) {
    if (!(keyset instanceof Keyset) || !storage) {
      throw createError('ERR_CONFIG_INVALID', 'crypto: a vault needs a Keyset and a storage');
    }
    requireMethods('crypto: the storage of a vault', storage, 'get', 'set', 'delete', 'keys');
    requireObject('crypto: the options of a vault', options, ['name', 'anchor']);
    const { name = 'vault', anchor = new MemoryAnchor() } = options;
    requireMethods('crypto: anchor', anchor, 'read', 'advance');
    if (!/^[a-z0-9][a-z0-9-]{0,31}$/.test(name)) {
      throw createError(
        'ERR_CONFIG_INVALID',
        'crypto: the name of a vault must be 1 to 32 characters of a-z 0-9 -',
      );
    }
    this.#keyset = keyset;
    this.#storage = storage;
    this.#vault = name;
    this.#anchor = anchor;
  }

  /** Keeps a value under a name, in the place of the one before. @throws VesperaSecurityError `ERR_INPUT_TOO_LARGE` */
  async set(name: string, value: string): Promise<void> {
    checkExactText('crypto', value, MAX_VALUE);
    const key = this.#keyOf(name);
    const generation = (await this.#newest(key)) + 1;
    const handle = Keyset.handleOf(this.#keyset);
    const sealed = withBytes(value, MAX_VALUE, (bytes) =>
      call((core) => core.vaultSeal(handle, this.#vault, name, bytes, generation)),
    );
    await this.#storage.set(this.#place(key), sealed);
    await this.#anchor.advance(this.#place(key), generation);
  }

  /**
   * The value of a name, or undefined if there is none.
   * @throws VesperaSecurityError `ERR_CRYPTO_OPEN_FAILED`, `ERR_CRYPTO_KEY_DISABLED`, `ERR_CRYPTO_ROLLED_BACK`: never
   * taken for "none"
   */
  async get(name: string): Promise<string | undefined> {
    const key = this.#keyOf(name);
    const sealed = await this.#read(key);
    if (!sealed) return undefined;
    const handle = Keyset.handleOf(this.#keyset);
    return call((core) => core.vaultValue(handle, this.#vault, key, sealed));
  }

  /** Whether a name has a value. @throws VesperaSecurityError as `get` */
  async has(name: string): Promise<boolean> {
    return (await this.#read(this.#keyOf(name))) !== undefined;
  }

  /** Whether a candidate is the value of a name, in constant time. False if there is none. */
  async matches(name: string, candidate: string): Promise<boolean> {
    checkExactText('crypto', candidate, MAX_VALUE);
    const key = this.#keyOf(name);
    const sealed = await this.#read(key);
    if (!sealed) return false;
    const handle = Keyset.handleOf(this.#keyset);
    return withBytes(candidate, MAX_VALUE, (bytes) =>
      call((core) => core.vaultMatches(handle, this.#vault, key, sealed, bytes)),
    );
  }

  /** Removes a name and its value. */
  async delete(name: string): Promise<void> {
    const key = this.#keyOf(name);
    const newest = await this.#newest(key);
    await this.#storage.delete(this.#place(key));
    // What was there until now is older than this.
    if (newest > 0) await this.#anchor.advance(this.#place(key), newest + 1);
  }

  /** The names that have a value, in order. @throws VesperaSecurityError as `get` */
  async names(): Promise<string[]> {
    const names: string[] = [];
    for (const key of await this.#keys()) {
      const sealed = await this.#read(key);
      // An entry deleted since the keys were listed has no name.
      if (sealed) names.push(this.#nameIn(key, sealed));
    }
    return names.sort();
  }

  /** Seals anew what an older key of the keyset sealed, and answers how many entries that were. */
  async rotate(): Promise<number> {
    let count = 0;
    for (const key of await this.#keys()) {
      const place = this.#place(key);
      const sealed = await this.#storage.get(place);
      if (!sealed || this.#keyset.isCurrent(sealed)) continue;
      const handle = Keyset.handleOf(this.#keyset);
      const again = call((core) => core.vaultReseal(handle, this.#vault, key, sealed));
      // Who wrote in between sealed with the primary key already.
      if (!this.#storage.compareAndSet) await this.#storage.set(place, again);
      else if (!(await this.#storage.compareAndSet(place, sealed, again))) continue;
      count += 1;
    }
    return count;
  }

  /** Opens every entry and answers those that are refused: an empty list if all is well. */
  async validate(): Promise<VaultFault[]> {
    const faults: VaultFault[] = [];
    for (const key of await this.#keys()) {
      try {
        await this.#read(key);
      } catch (thrown) {
        if (!isVesperaSecurityError(thrown) || !thrown.code.startsWith('ERR_CRYPTO_')) throw thrown;
        faults.push({ key: this.#place(key), code: thrown.code });
      }
    }
    return faults;
  }

  /** The entry of a key, if there is one and it is not older than one that was there before. */
  async #read(key: Uint8Array): Promise<Uint8Array | undefined> {
    // Writers raise the anchor last: what is read after it is as new, whoever writes meanwhile.
    const newest = (await this.#anchor.read(this.#place(key))) ?? 0;
    const sealed = await this.#storage.get(this.#place(key));
    if (!sealed) return undefined;
    const generation = this.#generationIn(key, sealed);
    if (generation < newest) {
      throw createError(
        'ERR_CRYPTO_ROLLED_BACK',
        'crypto: the entry is older than one that was used before: restore the newest copy, or set it anew',
      );
    }
    if (generation > newest) await this.#anchor.advance(this.#place(key), generation);
    return sealed;
  }

  /** The highest generation of a key that is known. An entry that does not open may be written over. */
  async #newest(key: Uint8Array): Promise<number> {
    const remembered = (await this.#anchor.read(this.#place(key))) ?? 0;
    const sealed = await this.#storage.get(this.#place(key));
    if (!sealed) return remembered;
    try {
      return Math.max(remembered, this.#generationIn(key, sealed));
    } catch (thrown) {
      if (!isVesperaSecurityError(thrown) || !thrown.code.startsWith('ERR_CRYPTO_')) throw thrown;
      return remembered;
    }
  }

  #generationIn(key: Uint8Array, sealed: Uint8Array): number {
    const handle = Keyset.handleOf(this.#keyset);
    return call((core) => core.vaultGeneration(handle, this.#vault, key, sealed));
  }

  async #keys(): Promise<Uint8Array[]> {
    const prefix = `${this.#vault}.`;
    const places = (await this.#storage.keys()).filter((place) => place.startsWith(prefix));
    const digits = places
      .map((place) => place.slice(prefix.length))
      .filter((it) => /^[0-9a-f]{64}$/.test(it));
    return digits.map((hex) => Uint8Array.from(hex.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16)));
  }

  #nameIn(key: Uint8Array, sealed: Uint8Array): string {
    const handle = Keyset.handleOf(this.#keyset);
    return call((core) => core.vaultName(handle, this.#vault, key, sealed));
  }

  #keyOf(name: string): Uint8Array {
    checkExactText('crypto', name, MAX_VALUE);
    const handle = Keyset.handleOf(this.#keyset);
    return call((core) => core.vaultKey(handle, this.#vault, name));
  }

  #place(key: Uint8Array): string {
    return `${this.#vault}.${Array.from(key, (byte) => byte.toString(16).padStart(2, '0')).join('')}`;
  }
}
