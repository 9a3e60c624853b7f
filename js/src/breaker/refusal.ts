/** Errors that say no: many a second under load, and where they were thrown is of no interest. */
import { VesperaCircuitOpenError, type VesperaSecurityError } from '../errors.js';

/** Makes an error without collecting a stack trace, which is most of what an error costs. @internal */
export function withoutStack<E>(make: () => E): E {
  const host = Error as { stackTraceLimit?: number };
  const limit = host.stackTraceLimit;
  if (typeof limit !== 'number') return make();
  try {
    host.stackTraceLimit = 0;
  } catch {
    // A host that froze its globals.
    return make();
  }
  try {
    return make();
  } finally {
    host.stackTraceLimit = limit;
  }
}

/** The refusal of an open circuit; `retryAfterMs` is infinite if only a person can close it. @internal */
export function refusal(retryAfterMs: number): VesperaSecurityError {
  return withoutStack(() =>
    Number.isFinite(retryAfterMs)
      ? new VesperaCircuitOpenError(CODE, 'breaker: the circuit is open, the operation was not started', {
          retryAfterMs,
        })
      : new VesperaCircuitOpenError(CODE, 'breaker: the circuit is isolated, the operation was not started'),
  );
}

const CODE = 'ERR_CIRCUIT_OPEN';
