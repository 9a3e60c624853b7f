/** What a breaker answers and tells. */
import type { CircuitMode } from './config.js';

/** What a breaker does with calls. */
export type CircuitState = 'closed' | 'open' | 'half-open' | 'isolated' | 'disabled';

/** Why a breaker opened last. */
export type CircuitCause = 'none' | 'failures' | 'failure-rate' | 'slow-call-rate' | 'probe' | 'rate-limited';

/** A change of state. */
export interface CircuitStateChange {
  readonly name: string | undefined;
  readonly from: CircuitState;
  readonly to: CircuitState;
  /** Why the circuit opened last. */
  readonly cause: CircuitCause;
}

/** A call that was not started. */
export interface CircuitRefusal {
  readonly name: string | undefined;
  readonly state: CircuitState;
  /** Milliseconds until a probe passes; `Infinity` while isolated. */
  readonly retryAfterMs: number;
}

/** A call that ended. */
export interface CircuitReport {
  readonly name: string | undefined;
  readonly outcome: 'success' | 'failure' | 'ignored' | 'rate-limited';
  /** The class of a failure, if it has one. */
  readonly class?: string;
}

/** The events of a breaker as an `EventTarget` names them; `detail` of each is a plain object. */
export interface CircuitBreakerEvents {
  readonly statechange: CircuitStateChange;
  readonly refuse: CircuitRefusal;
  readonly report: CircuitReport;
}

/** What a breaker has seen. */
export interface CircuitBreakerStats {
  readonly state: CircuitState;
  readonly mode: CircuitMode;
  readonly cause: CircuitCause;
  /** Milliseconds until a probe passes; 0 unless open, `Infinity` while isolated. */
  readonly retryAfterMs: number;
  /** Calls in the window; failures in the window if it keeps nothing else. */
  readonly calls: number;
  /** The weight of the failures in the window. */
  readonly failures: number;
  readonly failureRate: number;
  readonly slowCallRate: number;
  /** Calls since the start. */
  readonly total: {
    readonly successes: number;
    readonly failures: number;
    readonly refused: number;
    readonly ignored: number;
    readonly rateLimited: number;
    readonly slow: number;
    /** Reports that came too late to count. */
    readonly late: number;
    /** Calls that the mode `metrics-only` let pass although the circuit was open. */
    readonly wouldRefuse: number;
    readonly opened: number;
  };
  /** Milliseconds to within 3 %, if the configuration asks for `latency` and a call was seen. */
  readonly latency: {
    readonly p50: number;
    readonly p95: number;
    readonly p99: number;
    readonly calls: number;
  } | null;
}

/** A breaker as `toJSON` writes it: plain data of version 1, to be kept and handed in as `initialState`. */
export interface CircuitBreakerSnapshot {
  readonly version: 1;
  /** The wall clock when it was taken. */
  readonly savedAt: number;
  readonly [field: string]: unknown;
}

/** How one call is made. */
export interface ExecuteOptions<T> {
  /** Ends the call when it aborts: it is then neither a failure nor a success. */
  readonly signal?: AbortSignal | undefined;
  /** Answers instead, if the call fails or is refused. Not if the signal aborted. */
  readonly fallback?: (error: unknown) => T | PromiseLike<T>;
}
