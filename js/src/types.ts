/** Shapes that several domains share. This file needs no WebAssembly. */

/** A source of time. The limiter and the breaker want a monotonic one, consent the wall clock. */
export interface Clock {
  /** Milliseconds. */
  now(): number;
}

/** What the host provides; every part has a default. */
export interface Host {
  readonly clock?: Clock;
}

declare global {
  // For projects whose libraries are older than `Symbol.dispose`; the same declaration as TypeScript's own.
  interface SymbolConstructor {
    readonly dispose: unique symbol;
  }
}

/** Something to let go of. Doing it twice does nothing more; use after it throws `ERR_DISPOSED`. */
export interface Disposable {
  dispose(): void;
  [Symbol.dispose](): void;
}
