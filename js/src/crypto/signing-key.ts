/** Ed25519 signatures (RFC 8032). */
import { call } from '../engine/engine.js';
import { checkBytes, resolveLimit } from '../engine/limits.js';
import { type Kind, Resident } from '../engine/resident.js';
import { createError } from '../errors.js';
import type { Disposable } from '../types.js';

const KIND: Kind = { domain: 'crypto', free: (core, handle) => core.signingKeyFree(handle) };

type Make = ConstructorParameters<typeof Resident>[1];

/** Signs what others verify with its public key. Stored sealed by a keyset: `Keyset.sealSigningKey`. */
export class SigningKey implements Disposable {
  readonly #resident: Resident;

  private constructor(make: Make) {
    this.#resident = new Resident(KIND, make);
  }

  /** A fresh key. @throws VesperaSecurityError `ERR_ENTROPY_UNAVAILABLE` */
  static generate(): SigningKey {
    return new SigningKey((core) => core.signingKeyGenerate());
  }

  /** @internal */
  static from(make: Make): SigningKey {
    return new SigningKey(make);
  }

  /** @internal */
  static handleOf(key: SigningKey): number {
    if (!(key instanceof SigningKey))
      throw createError('ERR_ARGUMENT_INVALID', 'crypto: the key must be a SigningKey');
    return key.#resident.handle;
  }

  /** The 32 bytes that others verify with. */
  get publicKey(): Uint8Array {
    const { handle } = this.#resident;
    return call((core) => core.signingKeyPublic(handle));
  }

  /** The signature over a message, 64 bytes. @throws VesperaSecurityError `ERR_INPUT_TOO_LARGE` above 1 MiB */
  sign(message: Uint8Array): Uint8Array {
    checkBytes('crypto', message, resolveLimit('record', undefined));
    const { handle } = this.#resident;
    return call((core) => core.signingKeySign(handle, message));
  }

  /** Wipes the key. */
  dispose(): void {
    this.#resident.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}

/**
 * Whether a signature over a message was made with the key of this public key. Needs no keyset and no store.
 * @throws VesperaSecurityError `ERR_CRYPTO_KEY_INVALID` if the public key is none
 */
export function verifySignature(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  checkBytes('crypto', publicKey, 1024);
  checkBytes('crypto', message, resolveLimit('record', undefined));
  checkBytes('crypto', signature, 1024);
  return call((core) => core.verifySignature(publicKey, message, signature));
}
