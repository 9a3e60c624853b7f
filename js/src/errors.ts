/**
 * The errors of this package. This file needs no WebAssembly: a webview that may not run it can still tell
 * one failure from another, also when the error came by `postMessage`, which keeps neither class nor code.
 */
import { ERROR_CODES, type ErrorCode } from './codes.js';

export { ERROR_CODES, type ErrorCode };

/** What `toJSON` writes and `fromJSON` reads: survives `postMessage`, `structuredClone` and a log. */
export interface SerializedSecurityError {
  readonly name: string;
  readonly code: ErrorCode;
  readonly message: string;
  /** Facts beside the message: categories, lengths, offsets and times, never the input. */
  readonly details?: SecurityErrorDetails;
}

/** Facts beside a message. */
export interface SecurityErrorDetails {
  /** Milliseconds after which another try makes sense. */
  readonly retryAfterMs?: number;
  /** Bytes or entries that were given. */
  readonly size?: number;
  /** Bytes or entries that are allowed. */
  readonly limit?: number;
}

// A registered symbol, so that two copies of the package know each other's errors.
const BRAND = Symbol.for('vespera-security.error');

/** A failure with a stable `code`. The message says what to do and never holds the input. */
export class VesperaSecurityError extends Error {
  readonly code: ErrorCode;
  readonly details: SecurityErrorDetails;

  constructor(code: ErrorCode, message: string, details: SecurityErrorDetails = {}, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.details = details;
  }

  /** The class's name. On the prototype: a property of each error's own is a third of what an error costs. */
  override get name(): string {
    return (this.constructor as typeof VesperaSecurityError).className;
  }

  /** The class's name, which a minifier does not change. */
  protected static get className(): string {
    return 'VesperaSecurityError';
  }

  get [BRAND](): true {
    return true;
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    return this === VesperaSecurityError
      ? isVesperaSecurityError(value)
      : hasPrototype(value, this.prototype);
  }

  /** A plain object for `postMessage` or a log. */
  toJSON(): SerializedSecurityError {
    const { name, code, message, details } = this;
    return Object.keys(details).length > 0 ? { name, code, message, details } : { name, code, message };
  }

  /**
   * The error that `toJSON` described, as an instance of its class.
   * @throws VesperaSecurityError `ERR_ARGUMENT_INVALID` if the value is not of that shape
   */
  static fromJSON(value: unknown): VesperaSecurityError {
    if (!isSerialized(value)) {
      throw new VesperaArgumentError(
        'ERR_ARGUMENT_INVALID',
        'errors: the value is not a serialized security error',
      );
    }
    return createError(value.code, value.message, value.details);
  }
}

/** An argument or an input was refused. */
export class VesperaArgumentError extends VesperaSecurityError {
  protected static override get className(): string {
    return 'VesperaArgumentError';
  }
}

/** A configuration was refused. */
export class VesperaConfigurationError extends VesperaSecurityError {
  protected static override get className(): string {
    return 'VesperaConfigurationError';
  }
}

/** The engine cannot answer: stopped in the middle, not started, blocked by the page, or the object is gone. */
export class VesperaEngineError extends VesperaSecurityError {
  protected static override get className(): string {
    return 'VesperaEngineError';
  }
}

/** A threat remains in the input and was not let through. `details.threats` counts them by type. */
export class VesperaThreatError extends VesperaSecurityError {
  protected static override get className(): string {
    return 'VesperaThreatError';
  }
}

/** A circuit is open: the operation was not started. `details.retryAfterMs` says when to come back. */
export class VesperaCircuitOpenError extends VesperaSecurityError {
  protected static override get className(): string {
    return 'VesperaCircuitOpenError';
  }
}

/** An operation took longer than its timeout. */
export class VesperaTimeoutError extends VesperaSecurityError {
  protected static override get className(): string {
    return 'VesperaTimeoutError';
  }
}

/** A bulkhead and its line are full: the operation was not started. */
export class VesperaBulkheadFullError extends VesperaSecurityError {
  protected static override get className(): string {
    return 'VesperaBulkheadFullError';
  }
}

/** A key did not fit, or a sealed record did not open. */
export class VesperaCryptoError extends VesperaSecurityError {
  protected static override get className(): string {
    return 'VesperaCryptoError';
  }
}

/** A person did not allow it, or what is kept of the person's consents is not as it should be. */
export class VesperaConsentError extends VesperaSecurityError {
  protected static override get className(): string {
    return 'VesperaConsentError';
  }
}

/** A store could not be read or written. */
export class VesperaStoreError extends VesperaSecurityError {
  protected static override get className(): string {
    return 'VesperaStoreError';
  }
}

/** Whether a value is an error of this package, from whichever copy of it. */
export function isVesperaSecurityError(value: unknown): value is VesperaSecurityError {
  return typeof value === 'object' && value !== null && BRAND in value;
}

/** Makes the error of the class that a code belongs to. */
export function createError(
  code: ErrorCode,
  message: string,
  details?: SecurityErrorDetails,
  options?: ErrorOptions,
): VesperaSecurityError {
  return new (classOf(code))(code, message, details, options);
}

/** Whether a string is one of the codes. */
export function isErrorCode(value: unknown): value is ErrorCode {
  return typeof value === 'string' && Object.hasOwn(ERROR_CODES, value);
}

// The first prefix that fits decides.
const CLASSES: readonly (readonly [prefix: string, type: typeof VesperaSecurityError])[] = [
  ['ERR_ARGUMENT_', VesperaArgumentError],
  ['ERR_INPUT_', VesperaArgumentError],
  ['ERR_CONFIG_', VesperaConfigurationError],
  ['ERR_THREAT_', VesperaThreatError],
  ['ERR_CIRCUIT_', VesperaCircuitOpenError],
  ['ERR_TIMEOUT', VesperaTimeoutError],
  ['ERR_BULKHEAD_', VesperaBulkheadFullError],
  ['ERR_CRYPTO_', VesperaCryptoError],
  ['ERR_CONSENT_', VesperaConsentError],
  ['ERR_STORE_', VesperaStoreError],
  ['ERR_', VesperaEngineError],
];

function classOf(code: ErrorCode): typeof VesperaSecurityError {
  return CLASSES.find(([prefix]) => code.startsWith(prefix))?.[1] ?? VesperaSecurityError;
}

function hasPrototype(value: unknown, prototype: object): boolean {
  return typeof value === 'object' && value !== null && Object.prototype.isPrototypeOf.call(prototype, value);
}

function isSerialized(value: unknown): value is SerializedSecurityError {
  if (typeof value !== 'object' || value === null) return false;
  const { code, message, details } = value as Partial<SerializedSecurityError>;
  return (
    isErrorCode(code) && typeof message === 'string' && (details === undefined || typeof details === 'object')
  );
}
