/** Numbered keys, one of which seals. */
import { clockOf } from '../engine/clock.js';
import { requireObject } from '../engine/configuration.js';
import { call } from '../engine/engine.js';
import { checkBytes, checkExactText, checkWhole, resolveLimit } from '../engine/limits.js';
import { createError } from '../errors.js';
import { type Kind, Resident } from '../engine/resident.js';
import type { Clock, Disposable, Host } from '../types.js';
import { type SealingContext, contextParts, contextText } from './context.js';
import { DataKey } from './data-key.js';
import { HEAD, checkPlaintext, checkSealed } from './record.js';
import { withBytes } from './secret-text.js';
import { SigningKey } from './signing-key.js';
import { hostCanSeal, openWithHost, sealWithHost } from './host-cipher.js';

/** What may be shown of a key. */
export interface KeyInfo {
  /** The id that stands in its records. */
  readonly id: number;
  /** `primary` seals and opens, `enabled` opens, `disabled` does nothing for now, `destroyed` for good. */
  readonly status: 'primary' | 'enabled' | 'disabled' | 'destroyed';
  /** When it was made, in milliseconds. */
  readonly created: number;
  /** Records it sealed, as far as this copy of the keyset knows; at 4294967296 it stops. */
  readonly uses: number;
}

/** How a keyset behaves. */
export interface KeysetOptions extends Host {
  /** Milliseconds after which `rotationDue` says so, from one hour to ten years. @default 90 days, or as imported */
  readonly rotationPeriod?: number;
  /** Most bytes of plaintext in one call of `seal` or `open`, up to 64 MiB. @default 1 MiB */
  readonly maxRecordBytes?: number;
  /** The same for `sealAsync` and `openAsync`. @default 64 MiB */
  readonly maxAsyncRecordBytes?: number;
}

/** What guessing a passphrase once costs. */
export interface PassphraseCost {
  /** Memory in KiB, from 19456 to 262144. @default 65536 */
  readonly memory?: number;
  /** Passes over the memory, from 2 to 16. @default 3 */
  readonly passes?: number;
  /** Lanes, from 1 to 16. @default 4 */
  readonly lanes?: number;
}

/** How a keyset is exported. */
export interface ExportOptions {
  /**
   * A passphrase from 12 to 1024 bytes that also opens the export, with `Keyset.recover`. Without it, a passphrase
   * chosen before stays; `null` removes it.
   */
  readonly passphrase?: string | null;
  /** What guessing the passphrase costs. @default 64 MiB, 3 passes, 4 lanes */
  readonly passphraseCost?: PassphraseCost;
}

const KIND: Kind = { domain: 'crypto', free: (core, handle) => core.keysetFree(handle) };

/** The names of `KeysetOptions`. @internal */
export const KEYSET_OPTIONS = ['clock', 'rotationPeriod', 'maxRecordBytes', 'maxAsyncRecordBytes'] as const;

/** From how many bytes the host's cipher is faster than the core's, with what it costs to ask. */
const HOST_FROM = 4 * 1024;

const MAX_EXPORT = 128 * 1024;
const MAX_PASSPHRASE = 1024;
const MAX_U32 = 0xffff_ffff;
const RECOMMENDED: Required<PassphraseCost> = { memory: 64 * 1024, passes: 3, lanes: 4 };

/**
 * Seals bytes under keys that can be exchanged without touching what they sealed.
 *
 * A keyset lives in the engine: if the engine stops, each call answers `ERR_ENGINE_FAULT` until the keyset is
 * imported anew. Dispose of it to have its keys wiped.
 *
 * @example
 * const keyset = Keyset.generate();
 * const sealed = keyset.seal(new TextEncoder().encode('a note'), 'notes/17');
 * const note = new TextDecoder().decode(keyset.open(sealed, 'notes/17'));
 */
export class Keyset implements Disposable {
  readonly #resident: Resident;
  readonly #clock: Clock;
  readonly #limit: number;
  readonly #asyncLimit: number;

  private constructor(make: ConstructorParameters<typeof Resident>[1], options: KeysetOptions) {
    this.#clock = checkedClock(options);
    this.#limit = resolveLimit('record', options.maxRecordBytes);
    this.#asyncLimit = resolveLimit('bulk', options.maxAsyncRecordBytes);
    this.#resident = new Resident(KIND, make);
    const { rotationPeriod } = options;
    if (rotationPeriod === undefined) return;
    try {
      call((core) => core.keysetSetRotationPeriod(this.#resident.handle, Number(rotationPeriod)));
    } catch (refused) {
      this.dispose();
      throw refused;
    }
  }

  /**
   * A keyset with one fresh key.
   * @throws VesperaSecurityError `ERR_CONFIG_INVALID`, `ERR_ENTROPY_UNAVAILABLE`
   */
  static generate(options: KeysetOptions = {}): Keyset {
    const now = checkedClock(options).now();
    return new Keyset((core) => core.keysetGenerate(now), options);
  }

  /**
   * A keyset as `export` wrote it. `kek` is the key-encryption key, 32 bytes; wipe it afterwards.
   * @throws VesperaSecurityError `ERR_CRYPTO_OPEN_FAILED` if the key is another one or a byte was changed,
   * `ERR_CRYPTO_KEY_INVALID` if the key has not 32 bytes or the others are not an exported keyset
   */
  static import(exported: Uint8Array, kek: Uint8Array, options: KeysetOptions = {}): Keyset {
    checkBytes('crypto', exported, MAX_EXPORT);
    checkKek(kek);
    return new Keyset((core) => core.keysetImport(exported, kek), options);
  }

  /**
   * A keyset by the passphrase it was exported with. Takes about a second and the memory of its cost, 64 MiB by
   * default, which the engine keeps until the process ends: linear memory never shrinks.
   * @throws VesperaSecurityError as `import`
   */
  static recover(exported: Uint8Array, passphrase: string, options: KeysetOptions = {}): Keyset {
    checkBytes('crypto', exported, MAX_EXPORT);
    return withPassphrase(passphrase, (bytes) => {
      return new Keyset((core) => core.keysetRecover(exported, bytes), options);
    });
  }

  /**
   * Seals bytes with the primary key. They open only under the same context.
   * @throws VesperaSecurityError `ERR_INPUT_TOO_LARGE`, `ERR_CRYPTO_KEY_EXHAUSTED`
   */
  seal(plaintext: Uint8Array, context: SealingContext): Uint8Array {
    checkPlaintext(plaintext, this.#limit);
    const parts = contextParts(context);
    const { handle } = this.#resident;
    return call((core) => core.keysetSeal(handle, plaintext, ...parts));
  }

  /**
   * Opens what was sealed, with the key that sealed it. The answer is the caller's to wipe.
   * @throws VesperaSecurityError `ERR_CRYPTO_OPEN_FAILED` if it was sealed with another key or context or changed
   * in any bit, `ERR_CRYPTO_KEY_DISABLED` if its key is disabled or destroyed
   */
  open(sealed: Uint8Array, context: SealingContext): Uint8Array {
    checkSealed(sealed, this.#limit);
    const parts = contextParts(context);
    const { handle } = this.#resident;
    return call((core) => core.keysetOpen(handle, sealed, ...parts));
  }

  /**
   * As `seal`, for long records: the host's cipher (node:crypto or WebCrypto) does the work, to the same bytes. The
   * plaintext must not be changed until the promise is settled.
   */
  async sealAsync(plaintext: Uint8Array, context: SealingContext): Promise<Uint8Array> {
    checkPlaintext(plaintext, this.#asyncLimit);
    const parts = contextParts(context);
    const { handle } = this.#resident;
    if (plaintext.length < HOST_FROM || !hostCanSeal()) {
      return call((core) => core.keysetSeal(handle, plaintext, ...parts));
    }
    return sealWithHost(
      call((core) => core.keysetPrepareSeal(handle, ...parts)),
      plaintext,
    );
  }

  /** As `open`, for long records. The record must not be changed until the promise is settled. */
  async openAsync(sealed: Uint8Array, context: SealingContext): Promise<Uint8Array> {
    checkSealed(sealed, this.#asyncLimit);
    const parts = contextParts(context);
    const { handle } = this.#resident;
    if (sealed.length < HOST_FROM || !hostCanSeal()) {
      return call((core) => core.keysetOpen(handle, sealed, ...parts));
    }
    const head = sealed.subarray(0, HEAD);
    return openWithHost(
      call((core) => core.keysetPrepareOpen(handle, head, ...parts)),
      sealed,
    );
  }

  /** Whether a record was sealed with the primary key. If not, the next write seals it anew. */
  isCurrent(sealed: Uint8Array): boolean {
    checkSealed(sealed, this.#asyncLimit);
    const head = sealed.subarray(0, HEAD);
    const { handle } = this.#resident;
    return call((core) => core.keysetIsCurrent(handle, head));
  }

  /** The record sealed with the primary key: itself if it is already. @throws VesperaSecurityError as `open` */
  reseal(sealed: Uint8Array, context: SealingContext): Uint8Array {
    checkSealed(sealed, this.#limit);
    if (this.isCurrent(sealed)) return sealed;
    const parts = contextParts(context);
    const { handle } = this.#resident;
    return call((core) => core.keysetReseal(handle, sealed, ...parts));
  }

  /** Makes a fresh primary key and answers its id. What older keys sealed still opens. Export the keyset afterwards. */
  rotate(): number {
    const now = this.#clock.now();
    const { handle } = this.#resident;
    return call((core) => core.keysetRotate(handle, now));
  }

  /** When a fresh primary key is due, in milliseconds. */
  get rotationDueAt(): number {
    const { handle } = this.#resident;
    return call((core) => core.keysetRotationDueAt(handle));
  }

  /** Whether a fresh primary key is due. */
  get rotationDue(): boolean {
    return this.#clock.now() >= this.rotationDueAt;
  }

  /** Lets a disabled key open again what it sealed. @throws VesperaSecurityError `ERR_CRYPTO_KEY_INVALID` */
  enable(id: number): void {
    checkWhole('crypto', 'the id of a key', id, MAX_U32);
    const { handle } = this.#resident;
    call((core) => core.keysetEnable(handle, id));
  }

  /** Keeps a key from opening anything until it is enabled. @throws VesperaSecurityError `ERR_CRYPTO_KEY_INVALID` */
  disable(id: number): void {
    checkWhole('crypto', 'the id of a key', id, MAX_U32);
    const { handle } = this.#resident;
    call((core) => core.keysetDisable(handle, id));
  }

  /**
   * Wipes a key for good: what it sealed opens nowhere, except with an export made before.
   * @throws VesperaSecurityError `ERR_CRYPTO_KEY_INVALID` for the primary key or one that is not there
   */
  destroy(id: number): void {
    checkWhole('crypto', 'the id of a key', id, MAX_U32);
    const { handle } = this.#resident;
    call((core) => core.keysetDestroy(handle, id));
  }

  /** What may be shown of the keys, oldest first. */
  get keys(): readonly KeyInfo[] {
    const { handle } = this.#resident;
    return JSON.parse(call((core) => core.keysetKeys(handle)));
  }

  /** Counts the changes of keys and of the passphrase, from 1. An older copy has a lower one. */
  get generation(): number {
    const { handle } = this.#resident;
    return call((core) => core.keysetGeneration(handle));
  }

  /**
   * The keyset, sealed for a key-encryption key of 32 bytes, and for a passphrase if one is chosen.
   * @throws VesperaSecurityError `ERR_CRYPTO_KEY_INVALID`, `ERR_ARGUMENT_INVALID` for a passphrase that is too short,
   * `ERR_CONFIG_INVALID` for a cost out of range
   */
  export(kek: Uint8Array, options: ExportOptions = {}): Uint8Array {
    checkKek(kek);
    requireObject('crypto: the options of an export', options, ['passphrase', 'passphraseCost']);
    const { handle } = this.#resident;
    const { passphrase, passphraseCost } = options;
    if (typeof passphrase !== 'string' && passphraseCost !== undefined)
      throw createError('ERR_CONFIG_INVALID', 'crypto: passphraseCost is chosen with a passphrase');
    if (passphrase === undefined) return call((core) => core.keysetExport(handle, kek));
    if (passphrase === null) return call((core) => core.keysetExportWithoutPassphrase(handle, kek));
    const { memory, passes, lanes } = cost(passphraseCost);
    return withPassphrase(passphrase, (bytes) =>
      call((core) => core.keysetExportWithPassphrase(handle, kek, bytes, memory, passes, lanes)),
    );
  }

  /**
   * A name for a value that shows nothing of it without this keyset, and stays the same when the keyset is rotated:
   * HMAC-SHA-256, 32 bytes. The same value has another name in another domain.
   */
  commit(domain: string, value: string | Uint8Array): Uint8Array {
    const { handle } = this.#resident;
    const bytes = this.#value(domain, value);
    return call((core) => core.keysetCommit(handle, domain, bytes));
  }

  /** Whether a commitment is the one to this value, in constant time. */
  verifyCommitment(domain: string, value: string | Uint8Array, commitment: Uint8Array): boolean {
    const { handle } = this.#resident;
    const bytes = this.#value(domain, value);
    checkBytes('crypto', commitment, 1024);
    return call((core) => core.keysetVerifyCommitment(handle, domain, bytes, commitment));
  }

  #value(domain: string, value: string | Uint8Array): Uint8Array {
    checkExactText('crypto', domain, 1024);
    if (typeof value === 'string') checkExactText('crypto', value, this.#limit);
    const bytes = typeof value === 'string' ? new TextEncoder().encode(value) : value;
    checkPlaintext(bytes, this.#limit);
    return bytes;
  }

  /** Seals a subject's key, to be kept beside the subject's records. */
  sealDataKey(key: DataKey, context: SealingContext): Uint8Array {
    const parts = contextParts(context);
    const { handle } = this.#resident;
    const inner = DataKey.handleOf(key);
    return call((core) => core.keysetSealDataKey(handle, inner, ...parts));
  }

  /** Opens a subject's key. @throws VesperaSecurityError as `open` */
  openDataKey(sealed: Uint8Array, context: SealingContext): DataKey {
    checkBytes('crypto', sealed, 1024);
    const parts = contextParts(context);
    const { handle } = this.#resident;
    return DataKey.from((core) => core.keysetOpenDataKey(handle, sealed, ...parts), {
      maxRecordBytes: this.#limit,
    });
  }

  /** Seals a signing key. */
  sealSigningKey(key: SigningKey, context: string): Uint8Array {
    const text = contextText(context);
    const { handle } = this.#resident;
    const inner = SigningKey.handleOf(key);
    return call((core) => core.keysetSealSigningKey(handle, inner, text));
  }

  /** Opens a signing key. @throws VesperaSecurityError as `open` */
  openSigningKey(sealed: Uint8Array, context: string): SigningKey {
    checkBytes('crypto', sealed, 1024);
    const text = contextText(context);
    const { handle } = this.#resident;
    return SigningKey.from((core) => core.keysetOpenSigningKey(handle, sealed, text));
  }

  /** The object's number in the engine, for the domains that seal with it. @internal */
  static handleOf(keyset: Keyset): number {
    return keyset.#resident.handle;
  }

  /** Wipes the keys. */
  dispose(): void {
    this.#resident.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}

/** The clock of checked options. @throws VesperaSecurityError `ERR_CONFIG_INVALID` */
function checkedClock(options: KeysetOptions): Clock {
  requireObject('crypto: the options', options, KEYSET_OPTIONS);
  return clockOf('crypto', options.clock, Date);
}

/** @throws VesperaSecurityError `ERR_CONFIG_INVALID` */
function cost(wanted: PassphraseCost = {}): Required<PassphraseCost> {
  const chosen = { ...RECOMMENDED, ...wanted };
  // The core checks the ranges; a fraction or a number beyond 32 bits would reach it as another one.
  const holds = Object.entries(chosen).every(
    ([name, value]) => name in RECOMMENDED && Number.isInteger(value) && value >= 0 && value <= MAX_U32,
  );
  if (holds) return chosen;
  throw createError(
    'ERR_CONFIG_INVALID',
    'crypto: the cost of a passphrase has the whole numbers memory, passes and lanes, and nothing else',
  );
}

function checkKek(kek: Uint8Array): void {
  checkBytes('crypto', kek, 1024);
}

/** The passphrase in one spelling (NFKC) and as bytes, which are wiped. */
function withPassphrase<T>(passphrase: string, work: (bytes: Uint8Array) => T): T {
  checkExactText('crypto', passphrase, MAX_PASSPHRASE);
  return withBytes(passphrase.normalize('NFKC'), MAX_PASSPHRASE, work);
}
