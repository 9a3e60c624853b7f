/** Small things that every store needs. */
import { checkBytes } from '../engine/limits.js';
import { createError } from '../errors.js';

const KEY = /^[a-z0-9][a-z0-9._-]{0,127}$/;

/** Refuses a key that could mean something else in a path or to another store. */
export function checkKey(key: string): void {
  if (typeof key !== 'string' || !KEY.test(key)) {
    throw createError(
      'ERR_ARGUMENT_INVALID',
      'stores: a key must be 1 to 128 characters of a-z 0-9 . _ - and start with a letter or digit',
    );
  }
}

/** Refuses what is no bytes, before it takes the place of some. @throws VesperaSecurityError `ERR_ARGUMENT_INVALID` */
export function checkValue(value: Uint8Array): void {
  checkBytes('stores', value, Number.MAX_SAFE_INTEGER);
}

/** Whether two values are the same; `undefined` is only itself. */
export function sameBytes(one: Uint8Array | undefined, other: Uint8Array | undefined): boolean {
  if (one === undefined || other === undefined) return one === other;
  return one.length === other.length && one.every((byte, at) => byte === other[at]);
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** Bytes as base64, on every host. */
export function encodeBase64(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 3) {
    const [a = 0, b = 0, c = 0] = bytes.subarray(at, at + 3);
    const group = (a << 16) | (b << 8) | c;
    const left = bytes.length - at;
    text += ALPHABET[group >> 18]! + ALPHABET[(group >> 12) & 63]!;
    text += left > 1 ? ALPHABET[(group >> 6) & 63]! : '=';
    text += left > 2 ? ALPHABET[group & 63]! : '=';
  }
  return text;
}
