/**
 * Where a keyset outlives the process: the exported keyset in a file, the key-encryption key in the editor's
 * secret storage, and with it the newest generation that was seen.
 */
import { clockOf } from '../engine/clock.js';
import { requireMethods, requireObject } from '../engine/configuration.js';
import { call } from '../engine/engine.js';
import { createError, isVesperaSecurityError } from '../errors.js';
import type { ExportOptions } from './keyset.js';
import { Keyset, KEYSET_OPTIONS, type KeysetOptions } from './keyset.js';

type MaybePromise<T> = T | PromiseLike<T>;

/** Where the exported keyset lies: a `FileStore` or `MemoryStore`, or an object like them. */
export interface KeysetStorage {
  get(key: string): MaybePromise<Uint8Array | undefined>;
  set(key: string, value: Uint8Array): MaybePromise<void>;
  /** Writes if the key still holds `expected`; without it, two windows that write at once can undo each other. */
  compareAndSet?(key: string, expected: Uint8Array | undefined, value: Uint8Array): MaybePromise<boolean>;
}

/** The part of `vscode.SecretStorage` that is used. */
export interface KeysetSecrets {
  get(key: string): MaybePromise<string | undefined>;
  store(key: string, value: string): MaybePromise<void>;
}

/** What a keyset store stands on. */
export interface KeysetStoreOptions extends KeysetOptions {
  readonly storage: KeysetStorage;
  readonly secrets: KeysetSecrets;
  /** Whether anything is there that the keyset sealed: tells a key that is lost from one that never was. */
  readonly hasRecords: () => MaybePromise<boolean>;
  /** Whether the secrets outlive the session. An editor without a keyring says no such thing: ask the person. @default true */
  readonly secretsPersist?: () => MaybePromise<boolean>;
  /** Use a key that lasts for one session where there is no other. @default false */
  readonly allowVolatile?: boolean;
  /** The name of the keyset in both places. @default 'keyset' */
  readonly name?: string;
}

interface Kek {
  readonly bytes: Uint8Array;
  readonly generation: number;
}

/**
 * Opens, makes and saves a keyset. Nothing is ever made anew silently:
 *
 * | `open()` throws | because | then |
 * |---|---|---|
 * | `ERR_CRYPTO_NO_KEY` | there is no keyset, and no record | `create()` |
 * | `ERR_CRYPTO_KEY_LOST` | a keyset or records are there, but not the key | `recover(passphrase)`, or `startFresh()` |
 * | `ERR_CRYPTO_KEY_VOLATILE` | the key would be gone tomorrow | a keyring, or `allowVolatile` |
 * | `ERR_CRYPTO_ROLLED_BACK` | the keyset is older than one used before | restore the newest copy |
 * | `ERR_CRYPTO_OPEN_FAILED` | the keyset was changed | restore it |
 *
 * @example
 * const store = new KeysetStore({ storage, secrets: context.secrets, hasRecords });
 * const keyset = await store.openOrCreate();
 */
export class KeysetStore {
  readonly #options: KeysetStoreOptions;
  readonly #keyset: KeysetOptions;
  readonly #name: string;
  // The bytes that this object read or wrote last: who saves over other bytes would undo another window's change.
  #known: Uint8Array | undefined;

  /** @throws VesperaSecurityError `ERR_CONFIG_INVALID` */
  constructor(options: KeysetStoreOptions) {
    if (!options?.storage || !options.secrets || typeof options.hasRecords !== 'function') {
      throw createError('ERR_CONFIG_INVALID', 'crypto: a keyset store needs storage, secrets and hasRecords');
    }
    const { storage, secrets, hasRecords, secretsPersist, allowVolatile, name = 'keyset', ...rest } = options;
    requireObject('crypto: the options of a keyset store', rest, KEYSET_OPTIONS);
    requireMethods('crypto: the storage of a keyset', storage, 'get', 'set');
    requireMethods('crypto: the secrets of a keyset', secrets, 'get', 'store');
    if (secretsPersist !== undefined) requireMethods('crypto: the options', options, 'secretsPersist');
    if (typeof name !== 'string' || !/^[a-z0-9][a-z0-9._-]{0,63}$/.test(name))
      throw createError(
        'ERR_CONFIG_INVALID',
        'crypto: the name of a keyset must be 1 to 64 characters of a-z 0-9 . _ - and start with a letter or digit',
      );
    this.#options = {
      storage,
      secrets,
      hasRecords,
      ...(secretsPersist && { secretsPersist }),
      allowVolatile: allowVolatile === true,
    };
    this.#keyset = rest;
    this.#name = name;
  }

  /** The stored keyset. @throws VesperaSecurityError one of the table above */
  async open(): Promise<Keyset> {
    const stored = await this.#read();
    const kek = await this.#kek();
    await this.#judge(kek, stored);
    if (!kek || !stored) throw noKey();
    try {
      const keyset = this.#checked(Keyset.import(stored, kek.bytes, this.#keyset), kek.generation);
      this.#known = stored;
      await this.#keepKek(kek.bytes, keyset.generation, kek);
      return keyset;
    } finally {
      kek.bytes.fill(0);
    }
  }

  /**
   * Makes the first keyset.
   * @throws VesperaSecurityError what `open` throws if anything is there already; `ERR_CRYPTO_KEYSET_CHANGED` if there is
   * a keyset, or another window made one at the same time
   */
  async create(options: ExportOptions = {}): Promise<Keyset> {
    const stored = await this.#read();
    const kek = await this.#kek();
    kek?.bytes.fill(0);
    try {
      await this.#judge(kek, stored);
    } catch (thrown) {
      if (!isVesperaSecurityError(thrown) || thrown.code !== 'ERR_CRYPTO_NO_KEY') throw thrown;
      await this.#refuseVolatile();
      return this.#begin(undefined, options);
    }
    throw changed();
  }

  /** The stored keyset, or a first one where there is nothing yet: neither a keyset nor a record. */
  async openOrCreate(options: ExportOptions = {}): Promise<Keyset> {
    try {
      return await this.open();
    } catch (thrown) {
      if (!isVesperaSecurityError(thrown) || thrown.code !== 'ERR_CRYPTO_NO_KEY') throw thrown;
      return this.create(options);
    }
  }

  /**
   * Writes a keyset that was changed, after `rotate` for instance.
   * @throws VesperaSecurityError `ERR_CRYPTO_KEYSET_CHANGED` if another window wrote since: open it and repeat the change
   */
  async save(keyset: Keyset, options: ExportOptions = {}): Promise<void> {
    const kek = await this.#kek();
    if (!kek) throw lost();
    try {
      await this.#write(this.#known, keyset.export(kek.bytes, options));
      await this.#keepKek(kek.bytes, keyset.generation, kek);
    } finally {
      kek.bytes.fill(0);
    }
  }

  /**
   * The stored keyset by its passphrase, under a new key-encryption key.
   * @throws VesperaSecurityError `ERR_CRYPTO_OPEN_FAILED` if the passphrase is another one, `ERR_CRYPTO_KEY_INVALID` if
   * none was chosen, `ERR_CRYPTO_KEY_LOST` if there is no keyset
   */
  async recover(passphrase: string): Promise<Keyset> {
    const stored = await this.#read();
    if (!stored) throw lost();
    await this.#refuseVolatile();
    const keyset = this.#checked(Keyset.recover(stored, passphrase, this.#keyset), await this.#newestSeen());
    return this.#settle(keyset, stored, {});
  }

  /**
   * Gives up whatever is there and begins with a fresh keyset: records that were sealed before do not open any
   * more. The former keyset, if there is one, is kept beside it as `<name>.given-up-<time>`.
   */
  async startFresh(options: ExportOptions = {}): Promise<Keyset> {
    await this.#refuseVolatile();
    const stored = await this.#read();
    if (stored) {
      const now = clockOf('crypto', this.#keyset.clock, Date).now();
      await this.#options.storage.set(`${this.#name}.given-up-${Math.trunc(now)}`, stored);
    }
    return this.#begin(stored, options);
  }

  async #begin(expected: Uint8Array | undefined, options: ExportOptions): Promise<Keyset> {
    return this.#settle(Keyset.generate(this.#keyset), expected, options);
  }

  /** Stores a keyset under a new key-encryption key. Only who wrote the keyset writes the key: never the other way round. */
  async #settle(keyset: Keyset, expected: Uint8Array | undefined, options: ExportOptions): Promise<Keyset> {
    const bytes = globalThis.crypto.getRandomValues(new Uint8Array(32));
    try {
      await this.#write(expected, keyset.export(bytes, options));
      await this.#keepKek(bytes, keyset.generation);
      return keyset;
    } catch (thrown) {
      keyset.dispose();
      throw thrown;
    } finally {
      bytes.fill(0);
    }
  }

  async #judge(kek: Kek | undefined, stored: Uint8Array | undefined): Promise<void> {
    const { hasRecords, secretsPersist, allowVolatile } = this.#options;
    const records = await hasRecords();
    const persist = (await secretsPersist?.()) ?? true;
    const where = kek ? (persist ? 1 : 2) : 0;
    call((core) => core.keysetJudge(where, stored !== undefined, records, allowVolatile === true));
  }

  async #refuseVolatile(): Promise<void> {
    const { secretsPersist, allowVolatile } = this.#options;
    if (allowVolatile === true || ((await secretsPersist?.()) ?? true)) return;
    // A stored keyset whose key is volatile is judged as a fresh one would be.
    call((core) => core.keysetJudge(2, true, false, false));
  }

  #checked(keyset: Keyset, newestSeen: number): Keyset {
    try {
      const handle = Keyset.handleOf(keyset);
      call((core) => core.keysetCheckGeneration(handle, newestSeen));
      return keyset;
    } catch (thrown) {
      keyset.dispose();
      throw thrown;
    }
  }

  async #read(): Promise<Uint8Array | undefined> {
    return await this.#options.storage.get(this.#name);
  }

  async #write(expected: Uint8Array | undefined, exported: Uint8Array): Promise<void> {
    const { storage } = this.#options;
    if (storage.compareAndSet) {
      if (!(await storage.compareAndSet(this.#name, expected, exported))) throw changed();
    } else {
      if (!same(await this.#read(), expected)) throw changed();
      await storage.set(this.#name, exported);
    }
    this.#known = exported;
  }

  /** The key-encryption key and the newest generation seen: `1.<generation>.<key in hexadecimal>`. */
  async #kek(): Promise<Kek | undefined> {
    const text = await this.#options.secrets.get(this.#secretName);
    if (text === undefined) return undefined;
    const [, generation, hex] = /^1\.(\d{1,15})\.([0-9a-f]{64})$/.exec(text) ?? [];
    if (generation === undefined || hex === undefined) throw lost();
    const bytes = Uint8Array.from(hex.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));
    return { bytes, generation: Number(generation) };
  }

  /** The newest generation seen, also beside a key-encryption key that is damaged; 0 if there is none. */
  async #newestSeen(): Promise<number> {
    const text = await this.#options.secrets.get(this.#secretName);
    return Number(/^1\.(\d{1,15})(?:\.|$)/.exec(text ?? '')?.[1] ?? 0);
  }

  async #keepKek(bytes: Uint8Array, generation: number, before?: Kek): Promise<void> {
    if (before && before.generation >= generation) return;
    const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
    await this.#options.secrets.store(this.#secretName, `1.${generation}.${hex}`);
  }

  get #secretName(): string {
    return `vespera.${this.#name}.kek`;
  }
}

function same(one: Uint8Array | undefined, other: Uint8Array | undefined): boolean {
  if (!one || !other) return one === other;
  return one.length === other.length && one.every((byte, at) => byte === other[at]);
}

function noKey(): Error {
  return createError('ERR_CRYPTO_NO_KEY', 'crypto: there is no key yet, create a keyset first');
}

function lost(): Error {
  return createError(
    'ERR_CRYPTO_KEY_LOST',
    'crypto: the key of the keyset is lost: recover it with its passphrase, or start fresh and give the records up',
  );
}

function changed(): Error {
  return createError(
    'ERR_CRYPTO_KEYSET_CHANGED',
    'crypto: the stored keyset is not the one this call knows: open it and repeat the change',
  );
}
