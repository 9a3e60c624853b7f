/** Requests that wait for their turn, first come, first served. */
import { requireObject, requireSignal } from '../engine/configuration.js';
import { createError } from '../errors.js';
import type { Clock } from '../types.js';

/** How long to wait. */
export interface AcquireOptions {
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds at most. @default Infinity */
  readonly maxWait?: number | undefined;
}

interface Answer {
  readonly allowed: boolean;
  readonly retryAfterMs: number;
}

interface Waiter<Request, A> {
  readonly request: Request;
  readonly deadline: number;
  settle(answer: A): void;
  fail(error: unknown): void;
}

interface Line<Request, A> {
  readonly waiters: Waiter<Request, A>[];
  timer: ReturnType<typeof setTimeout> | undefined;
}

const MAX_WAITING = 10_000;
/** A host's timer holds 31 bits of milliseconds. */
const MAX_TIMER = 2_147_483_647;

/** One line for each subject, and a timer only while someone stands in it. @internal */
export class WaitingLine<Request, A extends Answer> {
  readonly #lines = new Map<string, Line<Request, A>>();
  readonly #take: (request: Request) => A;
  readonly #look: (request: Request) => A;
  readonly #clock: Clock;
  #waiting = 0;

  constructor(take: (request: Request) => A, look: (request: Request) => A, clock: Clock) {
    this.#take = take;
    this.#look = look;
    this.#clock = clock;
  }

  get waiting(): number {
    return this.#waiting;
  }

  wait(subject: string, request: Request, options: AcquireOptions): Promise<A> {
    requireObject('limit: the options', options, ['signal', 'maxWait']);
    const { signal, maxWait = Number.POSITIVE_INFINITY } = options;
    requireSignal('limit', signal);
    if (typeof maxWait !== 'number' || Number.isNaN(maxWait) || maxWait < 0)
      throw createError('ERR_ARGUMENT_INVALID', 'limit: maxWait must be a number of milliseconds from 0');
    if (signal?.aborted) throw signal.reason;
    let line = this.#lines.get(subject);
    if (line === undefined) {
      const answer = this.#take(request);
      if (answer.allowed || answer.retryAfterMs > maxWait || answer.retryAfterMs === Number.POSITIVE_INFINITY)
        return Promise.resolve(answer);
      // A listener of the limiter's may have formed the line meanwhile.
      line = this.#lines.get(subject);
    }
    if (this.#waiting >= MAX_WAITING)
      throw createError('ERR_TOO_MANY_HANDLES', 'limit: 10000 requests wait already, try again later');
    line ??= { waiters: [], timer: undefined };
    const queue = line;
    this.#lines.set(subject, queue);
    return new Promise<A>((resolve, reject) => {
      const onAbort = (): void => {
        leave(() => reject(signal?.reason));
        this.#arm(subject, queue); // whoever is first now may have less to wait for
      };
      const leave = (end: () => void): void => {
        signal?.removeEventListener('abort', onAbort);
        const place = queue.waiters.indexOf(waiter);
        if (place < 0) return; // left already: a listener of the limiter's may have seen to it
        queue.waiters.splice(place, 1);
        this.#waiting -= 1;
        if (queue.waiters.length === 0) this.#close(subject, queue);
        end();
      };
      const waiter: Waiter<Request, A> = {
        request,
        deadline: this.#clock.now() + maxWait,
        settle: (answer) => leave(() => resolve(answer)),
        fail: (error) => leave(() => reject(error)),
      };
      queue.waiters.push(waiter);
      this.#waiting += 1;
      signal?.addEventListener('abort', onAbort, { once: true });
      this.#arm(subject, queue);
    });
  }

  /** Ends every wait with an error. */
  close(error: unknown): void {
    for (const { waiters } of this.#lines.values()) for (const waiter of [...waiters]) waiter.fail(error);
  }

  /** Serves whom it can, in order, and sends away whose time is over. */
  #serve(subject: string, line: Line<Request, A>): void {
    line.timer = undefined;
    try {
      for (let first = line.waiters[0]; first !== undefined; first = line.waiters[0]) {
        const answer = this.#look(first.request);
        if (answer.allowed) first.settle(this.#take(first.request));
        else if (answer.retryAfterMs === Number.POSITIVE_INFINITY) first.settle(answer);
        else break;
      }
      const now = this.#clock.now();
      for (const waiter of line.waiters.filter(({ deadline }) => deadline <= now))
        waiter.settle(this.#look(waiter.request));
    } catch (error) {
      // The clock of the host threw, or the limiter is gone.
      for (const waiter of [...line.waiters]) waiter.fail(error);
    }
    this.#arm(subject, line);
  }

  /** Wakes up when the first may pass, or the first of all deadlines comes. */
  #arm(subject: string, line: Line<Request, A>): void {
    if (line.timer !== undefined) clearTimeout(line.timer);
    line.timer = undefined;
    const first = line.waiters[0];
    if (first === undefined) return;
    try {
      const now = this.#clock.now();
      const deadline = line.waiters.reduce((least, waiter) => Math.min(least, waiter.deadline), Infinity);
      const ready = this.#look(first.request).retryAfterMs;
      const delay = Math.ceil(Math.max(1, Math.min(ready, deadline - now, MAX_TIMER)));
      line.timer = setTimeout(() => this.#serve(subject, line), delay);
    } catch (error) {
      for (const waiter of [...line.waiters]) waiter.fail(error);
    }
  }

  #close(subject: string, line: Line<Request, A>): void {
    if (line.timer !== undefined) clearTimeout(line.timer);
    line.timer = undefined;
    this.#lines.delete(subject);
  }
}
