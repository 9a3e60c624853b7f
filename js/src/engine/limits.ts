/**
 * How large an input may be, checked before anything is copied. A limit can be set anywhere from 1 byte up to
 * its ceiling.
 */
import { createError } from '../errors.js';

interface Limit {
  readonly default: number;
  readonly ceiling: number;
}

const KIB = 1024;
const MIB = 1024 * KIB;

/** The table of limits, in bytes of UTF-8. */
export const LIMITS = {
  /** A text or a piece of markup. */
  text: { default: 2 * MIB, ceiling: 64 * MIB },
  /** A record sealed or opened in one call. */
  record: { default: 1 * MIB, ceiling: 64 * MIB },
  /** A record sealed or opened by an asynchronous call. */
  bulk: { default: 64 * MIB, ceiling: 64 * MIB },
  /** A configuration. */
  configuration: { default: 64 * KIB, ceiling: 4 * MIB },
} as const satisfies Record<string, Limit>;

/** A kind of input. */
export type LimitName = keyof typeof LIMITS;

/** Resolves the limit that a caller asked for. @throws VesperaSecurityError `ERR_CONFIG_INVALID` */
export function resolveLimit(name: LimitName, wanted: number | undefined): number {
  const { default: standard, ceiling } = LIMITS[name];
  if (wanted === undefined) return standard;
  if (Number.isInteger(wanted) && wanted >= 1 && wanted <= ceiling) return wanted;
  throw createError(
    'ERR_CONFIG_INVALID',
    `engine: the limit for ${name} must be a whole number of bytes from 1 to ${ceiling}`,
  );
}

/** Refuses a text that is too long. @throws VesperaSecurityError `ERR_ARGUMENT_INVALID`, `ERR_INPUT_TOO_LARGE` */
export function checkText(domain: string, text: string, limit: number): void {
  if (typeof text !== 'string')
    throw createError('ERR_ARGUMENT_INVALID', `${domain}: the input must be a string`);
  // One UTF-16 unit is one to three bytes: count only where that decides.
  if (text.length * 3 <= limit) return;
  const size = text.length > limit ? text.length : utf8Length(text);
  if (size > limit) throw tooLarge(domain, size, limit);
}

/**
 * Refuses a text that is too long, or that holds half a surrogate pair: the core reads each half as U+FFFD, so that
 * two such texts would be one name, one context or one secret.
 * @throws VesperaSecurityError `ERR_ARGUMENT_INVALID`, `ERR_INPUT_TOO_LARGE`
 */
export function checkExactText(domain: string, text: string, limit: number): void {
  checkText(domain, text, limit);
  if (!(text as WellFormed).isWellFormed())
    throw createError('ERR_ARGUMENT_INVALID', `${domain}: the text must not hold half a surrogate pair`);
}

// ES2024, which every host above the floor has and the library of the compiler's target does not name.
type WellFormed = string & { isWellFormed(): boolean };

/** Refuses bytes that are too many, or gone with their buffer. @throws VesperaSecurityError `ERR_ARGUMENT_INVALID`, `ERR_INPUT_TOO_LARGE` */
export function checkBytes(domain: string, bytes: Uint8Array, limit: number): void {
  if (!(bytes instanceof Uint8Array))
    throw createError('ERR_ARGUMENT_INVALID', `${domain}: the input must be a Uint8Array`);
  if (bytes.length > limit) throw tooLarge(domain, bytes.length, limit);
  if (bytes.length === 0 && isDetached(bytes.buffer))
    throw createError('ERR_ARGUMENT_INVALID', `${domain}: the bytes are gone, their buffer was transferred`);
}

/** Refuses a count that is not one. @throws VesperaSecurityError `ERR_ARGUMENT_INVALID` */
export function checkCount(domain: string, name: string, count: number): void {
  if (!(Number.isFinite(count) && count >= 0)) {
    throw createError('ERR_ARGUMENT_INVALID', `${domain}: ${name} must be a finite number from 0`);
  }
}

/** Refuses a number that is not whole or out of range. @throws VesperaSecurityError `ERR_ARGUMENT_INVALID` */
export function checkWhole(domain: string, name: string, value: number, most: number): void {
  if (!(Number.isInteger(value) && value >= 0 && value <= most)) {
    throw createError('ERR_ARGUMENT_INVALID', `${domain}: ${name} must be a whole number from 0 to ${most}`);
  }
}

// `ArrayBuffer.prototype.detached` is younger than the floor.
function isDetached(buffer: ArrayBufferLike): boolean {
  try {
    return new Uint8Array(buffer) === undefined;
  } catch {
    return true;
  }
}

function tooLarge(domain: string, size: number, limit: number): Error {
  return createError(
    'ERR_INPUT_TOO_LARGE',
    `${domain}: the input has at least ${size} bytes, and ${limit} are allowed`,
    {
      size,
      limit,
    },
  );
}

function utf8Length(text: string): number {
  let length = text.length;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit <= 0x7f) continue;
    length += unit > 0x7ff ? 2 : 1;
    // A surrogate pair is two units and four bytes; half of one becomes U+FFFD, which has three.
    if (unit >= 0xd800 && unit <= 0xdbff && (text.charCodeAt(at + 1) & 0xfc00) === 0xdc00) at += 1;
  }
  return length;
}
