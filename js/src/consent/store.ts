/**
 * Where consents are kept: the entries of each person in a key-value store, read whole and written only over
 * what was read. What the entries say is the core's business (`src/consent/sealed.rs`).
 */
import { requireMethods, requireObject } from '../engine/configuration.js';
import { call } from '../engine/engine.js';
import { checkBytes } from '../engine/limits.js';
import { Keyset } from '../crypto.js';
import { createError } from '../errors.js';
import type { Anchor } from '../stores/anchor.js';
import { sameBytes } from '../stores/values.js';
import type { KeyValueStore } from '../stores/store.js';
import type { Disposable } from '../types.js';
import { checkUserId } from './input.js';

/** What a `ConsentStore` is made of. */
export interface ConsentStoreOptions {
  /** Seals everything that is written, and names people. It stays yours: dispose of it after the manager. */
  readonly keyset: Keyset;
  /**
   * Keeps the highest generation of each person, so that an older record is refused after a restart too.
   * Without it the refusal lasts as long as the process.
   */
  readonly anchor?: Anchor;
  /**
   * Where the keys of people are kept, if not beside their records. An erasure destroys the key: a backup that
   * holds records but no keys holds nothing of people who were erased.
   */
  readonly keys?: KeyValueStore;
}

/** The entries of a person as they were read. @internal */
export interface Entries {
  readonly record: Uint8Array | undefined;
  /** `undefined` if there is none, or it was destroyed. */
  readonly key: Uint8Array | undefined;
  /** What the key's place holds: the key, or the mark of a destroyed one. */
  readonly keyPlace: Uint8Array | undefined;
  /** NaN if there is no anchor, or it holds nothing. */
  readonly anchor: number;
  /** The record's mark when it was read. */
  readonly stamp: string | number | undefined;
}

/** The largest entry that is looked at, in bytes. */
const MAX_ENTRY = 4 * 1024 * 1024;
const IDENTITY = 'identity';
const RECORD = 'record.';
const KEY = 'key.';
/** Stands where a key was destroyed: replaced in one step, so that a newer key is never taken for the old one. */
const DESTROYED = new Uint8Array([0]);

/**
 * Consents on a store of bytes: in memory (`MemoryStore`), on a `Memento` (`MementoStore`), or on files
 * (`FileStore`). User ids stand in no key and no file name: they are replaced with a keyed commitment.
 *
 * @example
 * const store = new ConsentStore(new FileStore(folder), { keyset, anchor: new SecretAnchor(context.secrets) });
 * const consents = await VesperaConsentManager.open({ store, purposes, controller });
 */
export class ConsentStore {
  readonly #records: KeyValueStore;
  readonly #keys: KeyValueStore;
  readonly #anchor: Anchor | undefined;
  readonly #keyset: Keyset;

  constructor(storage: KeyValueStore, options: ConsentStoreOptions) {
    if (!(options?.keyset instanceof Keyset)) {
      throw createError(
        'ERR_CONFIG_INVALID',
        'consent: a store needs a keyset, make one with Keyset.generate()',
      );
    }
    requireObject('consent: the options of a store', options, ['keyset', 'anchor', 'keys']);
    const { anchor, keys = storage } = options;
    requireMethods('consent: the storage', storage, 'get', 'keys', 'compareAndSet');
    requireMethods('consent: keys', keys, 'get', 'compareAndSet');
    if (anchor !== undefined) requireMethods('consent: anchor', anchor, 'read', 'advance');
    this.#records = storage;
    this.#keys = keys;
    this.#anchor = anchor;
    this.#keyset = options.keyset;
  }

  /** @internal */
  get keyset(): number {
    return Keyset.handleOf(this.#keyset);
  }

  /** Whether a reader can see at once that an entry was written. @internal */
  get sees(): 'stamp' | 'watch' | 'nothing' {
    return this.#records.stamp ? 'stamp' : this.#records.watch ? 'watch' : 'nothing';
  }

  /** The name of a person. @internal */
  name(userId: string): string {
    checkUserId(userId);
    return call((core) => core.consentPseudonym(this.keyset, userId));
  }

  /** The names of everyone of whom there is a record. @internal */
  async names(): Promise<string[]> {
    const keys = await this.#records.keys();
    return keys.filter((key) => key.startsWith(RECORD)).map((key) => key.slice(RECORD.length));
  }

  /** The present mark of a person's record. @internal */
  stamp(name: string): string | number | undefined {
    return this.#records.stamp?.(RECORD + name);
  }

  /** Tells of people whose record may have changed. @internal */
  watch(listener: (name: string) => void): Disposable | undefined {
    return this.#records.watch?.((key) => {
      if (key.startsWith(RECORD)) listener(key.slice(RECORD.length));
    });
  }

  /** Reads the entries of a person. @internal */
  async read(name: string): Promise<Entries> {
    for (let look = 0; look < 100; look++) {
      const { value, stamp } = await this.#marked(RECORD + name);
      const record = checked(value);
      const keyPlace = checked(await this.#keys.get(KEY + name));
      const anchor = (await this.#anchor?.read(name)) ?? Number.NaN;
      const key = sameBytes(keyPlace, DESTROYED) ? undefined : keyPlace;
      // An erasure between the two readings leaves a record without its key: then the record changed too.
      if (record && !key && this.#records.stamp && this.stamp(name) !== stamp) continue;
      return { record, key, keyPlace, anchor, stamp };
    }
    throw createError(
      'ERR_CONSENT_CONFLICT',
      'consent: others write the same record without a pause, try again',
    );
  }

  /** A value and the mark that stands for just this value. */
  async #marked(key: string): Promise<{ value: Uint8Array | undefined; stamp: Entries['stamp'] }> {
    if (this.#records.read) return this.#records.read(key);
    for (let look = 0; look < 100; look++) {
      const before = this.#records.stamp?.(key);
      const value = await this.#records.get(key);
      const stamp = this.#records.stamp?.(key);
      if (before === stamp) return { value, stamp };
    }
    throw createError(
      'ERR_CONSENT_CONFLICT',
      'consent: others write the same record without a pause, try again',
    );
  }

  /**
   * Writes what the core made of the entries: the anchor catches up with what was read, then the key, then the
   * record. Answers whether nobody wrote in between. @internal
   */
  async write(
    name: string,
    former: Entries,
    next: { record: Uint8Array; key?: Uint8Array | undefined },
    generation: number,
  ): Promise<boolean> {
    // The record may be one ahead of the anchor, and not two.
    if (generation > 1 && !(former.anchor >= generation - 1))
      await this.#anchor?.advance(name, generation - 1);
    if (next.key && !(await this.#keys.compareAndSet(KEY + name, former.keyPlace, next.key))) return false;
    if (!(await this.#records.compareAndSet(RECORD + name, former.record, next.record))) return false;
    await this.advance(name, generation);
    return true;
  }

  /** Destroys the key that was read with these entries; a newer one stays. @internal */
  async destroyKey(name: string, { key }: Entries): Promise<void> {
    if (key) await this.#keys.compareAndSet(KEY + name, key, DESTROYED);
  }

  /** Raises the anchor of a person. @internal */
  async advance(name: string, generation: number): Promise<void> {
    await this.#anchor?.advance(name, generation);
  }

  /**
   * The sealed signing key; made at the first start and never again: one that is missing while records exist is
   * an error. @internal
   */
  async identity(): Promise<Uint8Array> {
    for (let look = 0; look < 10; look++) {
      const found = checked(await this.#records.get(IDENTITY));
      if (found) return found;
      const expected = (await this.#anchor?.read(IDENTITY)) ?? 0;
      if (expected > 0 || (await this.names()).length > 0) {
        throw createError(
          'ERR_CONSENT_KEY_LOST',
          'consent: records exist, but the signing key is missing: restore the entry "identity" from a backup',
        );
      }
      const fresh = call((core) => core.consentNewIdentity(this.keyset));
      if (await this.#records.compareAndSet(IDENTITY, undefined, fresh)) {
        await this.advance(IDENTITY, 1);
        return fresh;
      }
    }
    throw createError(
      'ERR_CONSENT_CONFLICT',
      'consent: others write the same record without a pause, try again',
    );
  }
}

function checked(entry: Uint8Array | undefined): Uint8Array | undefined {
  if (entry !== undefined) checkBytes('consent', entry, MAX_ENTRY);
  return entry;
}
