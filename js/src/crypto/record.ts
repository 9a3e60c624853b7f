/** How long a sealed record is, and the sizes of its format; `docs/formats/crypto.md` has every byte. */
import { checkBytes } from '../engine/limits.js';

/** Bytes of plaintext in every chunk but the last, which is always shorter. @internal */
export const CHUNK = 16 * 1024;
/** Bytes of the tag behind every chunk. @internal */
export const TAG = 16;
/** Bytes in front of the chunks: version, key id, salt and commitment. @internal */
export const HEAD = 61;

/** The bytes of a record sealed from so many bytes of plaintext. @internal */
export function sealedLength(plaintext: number): number {
  return HEAD + plaintext + (Math.floor(plaintext / CHUNK) + 1) * TAG;
}

/** The bytes of plaintext in a record of this length; undefined if no record has this length. @internal */
export function openedLength(sealed: number): number | undefined {
  const body = sealed - HEAD;
  if (body < 0 || body % (CHUNK + TAG) < TAG) return undefined;
  return body - (Math.floor(body / (CHUNK + TAG)) + 1) * TAG;
}

/** Refuses a plaintext that is too long. @internal */
export function checkPlaintext(plaintext: Uint8Array, limit: number): void {
  checkBytes('crypto', plaintext, limit);
}

/** Refuses a record whose plaintext would be too long. @internal */
export function checkSealed(sealed: Uint8Array, limit: number): void {
  checkBytes('crypto', sealed, sealedLength(limit));
}
