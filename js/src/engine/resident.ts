/** An object that lives in the engine: a number, and the epoch of the instance that gave it. */
import { createError } from '../errors.js';
import { call, type Core, live } from './engine.js';

/** What a domain says about its objects. @internal */
export interface Kind {
  /** As it appears in messages: `limit`. */
  readonly domain: string;
  /** Lets go of an object in the core. */
  free(core: Core, handle: number): void;
}

interface Lease {
  readonly kind: Kind;
  handle: number;
  epoch: number;
}

/** No instance has this epoch. */
const DISPOSED = -1;

// The safety net for owners that forget `dispose()`.
const forgotten = new FinalizationRegistry<Lease>(release);

/** Holds one object of the core for its owner. @internal */
export class Resident {
  readonly #lease: Lease;
  readonly #revive: ((core: Core) => number) | undefined;
  readonly #prepare: (() => void) | undefined;

  /**
   * @param make makes the object and answers its number
   * @param revive makes it anew after a trap; without it, the object is lost with its instance
   * @param prepare runs before `revive`, outside of the core: the place for what is the caller's and may throw
   */
  constructor(
    kind: Kind,
    make: (core: Core) => number,
    revive?: (core: Core) => number,
    prepare?: () => void,
  ) {
    if (typeof make !== 'function') {
      throw createError('ERR_ARGUMENT_INVALID', `${kind.domain}: the object is not made with new`);
    }
    this.#lease = { kind, handle: call(make), epoch: live.epoch };
    this.#revive = revive;
    this.#prepare = prepare;
    forgotten.register(this, this.#lease, this);
  }

  /**
   * The object's number in the running instance.
   * @throws VesperaSecurityError `ERR_DISPOSED`; `ERR_ENGINE_FAULT` if the object went down with its instance
   */
  get handle(): number {
    const lease = this.#lease;
    return lease.epoch === live.epoch ? lease.handle : this.#recover(lease);
  }

  get disposed(): boolean {
    return this.#lease.epoch === DISPOSED;
  }

  dispose(): void {
    forgotten.unregister(this);
    release(this.#lease);
    this.#lease.epoch = DISPOSED;
  }

  #recover(lease: Lease): number {
    const { domain } = lease.kind;
    if (lease.epoch === DISPOSED) {
      throw createError('ERR_DISPOSED', `${domain}: the object was disposed of, make a new one`);
    }
    if (!this.#revive) {
      throw createError(
        'ERR_ENGINE_FAULT',
        `${domain}: the object was lost when the engine stopped, make a new one`,
      );
    }
    this.#prepare?.();
    lease.handle = call(this.#revive);
    lease.epoch = live.epoch;
    return lease.handle;
  }
}

function release({ kind, handle, epoch }: Lease): void {
  if (epoch === live.epoch) call((core) => kind.free(core, handle));
}
