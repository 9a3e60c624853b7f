/** A key for the records of one subject. */
import { requireObject } from '../engine/configuration.js';
import { call } from '../engine/engine.js';
import { resolveLimit } from '../engine/limits.js';
import { type Kind, Resident } from '../engine/resident.js';
import { createError } from '../errors.js';
import type { Disposable } from '../types.js';
import { type SealingContext, contextParts } from './context.js';
import { checkPlaintext, checkSealed } from './record.js';

const KIND: Kind = { domain: 'crypto', free: (core, handle) => core.dataKeyFree(handle) };

type Make = ConstructorParameters<typeof Resident>[1];
type Options = { readonly maxRecordBytes?: number };

/**
 * Seals the records of one subject. The key itself is stored sealed by a keyset; when its last sealed copy is
 * deleted, nobody opens the subject's records again.
 */
export class DataKey implements Disposable {
  readonly #resident: Resident;
  readonly #limit: number;

  private constructor(make: Make, options: Options) {
    requireObject('crypto: the options', options, ['maxRecordBytes']);
    this.#limit = resolveLimit('record', options.maxRecordBytes);
    this.#resident = new Resident(KIND, make);
  }

  /** A fresh key. @throws VesperaSecurityError `ERR_ENTROPY_UNAVAILABLE` */
  static generate(options: Options = {}): DataKey {
    return new DataKey((core) => core.dataKeyGenerate(), options);
  }

  /** @internal */
  static from(make: Make, options: Options): DataKey {
    return new DataKey(make, options);
  }

  /** @internal */
  static handleOf(key: DataKey): number {
    if (!(key instanceof DataKey))
      throw createError('ERR_ARGUMENT_INVALID', 'crypto: the key must be a DataKey');
    return key.#resident.handle;
  }

  /** Seals bytes. @throws VesperaSecurityError as `Keyset.seal` */
  seal(plaintext: Uint8Array, context: SealingContext): Uint8Array {
    checkPlaintext(plaintext, this.#limit);
    const parts = contextParts(context);
    const { handle } = this.#resident;
    return call((core) => core.dataKeySeal(handle, plaintext, ...parts));
  }

  /** Opens what it sealed. @throws VesperaSecurityError as `Keyset.open` */
  open(sealed: Uint8Array, context: SealingContext): Uint8Array {
    checkSealed(sealed, this.#limit);
    const parts = contextParts(context);
    const { handle } = this.#resident;
    return call((core) => core.dataKeyOpen(handle, sealed, ...parts));
  }

  /** Wipes the key. */
  dispose(): void {
    this.#resident.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}
