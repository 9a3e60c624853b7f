/** A secret text on its way to the core. */
import { checkExactText } from '../engine/limits.js';

/**
 * Works with the bytes of a text, which are wiped.
 * @internal
 * @throws VesperaSecurityError `ERR_ARGUMENT_INVALID`, `ERR_INPUT_TOO_LARGE`
 */
export function withBytes<T>(text: string, limit: number, work: (bytes: Uint8Array) => T): T {
  checkExactText('crypto', text, limit);
  const bytes = new TextEncoder().encode(text);
  try {
    return work(bytes);
  } finally {
    bytes.fill(0);
  }
}
