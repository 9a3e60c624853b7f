/** One Lua script on a server that may be gone. */
import { requireMethods } from '../engine/configuration.js';
import { Emitter, type Event } from '../events.js';
import { createError } from '../errors.js';

/** The part of node-redis that is used. */
export interface NodeRedisClient {
  eval(script: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>;
  evalSha(sha: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>;
}

/** The part of ioredis that is used. */
export interface IoRedisClient {
  eval(script: string, keys: number, ...keysAndArguments: string[]): Promise<unknown>;
  evalsha(sha: string, keys: number, ...keysAndArguments: string[]): Promise<unknown>;
}

export type RedisClient = NodeRedisClient | IoRedisClient;

/** What to do while the store does not answer. */
export type WhenDown =
  /** Each process limits by itself, with a bucket of the same size. */
  | 'insurance'
  /** Everything passes. */
  | 'open'
  /** Nothing passes. */
  | 'closed';

/** Where the shared state is, and what to do without it. */
export interface StoreConfig {
  readonly client: RedisClient;
  /** What every key in the store starts with, 1 to 128 characters. @default `vespera:` and the domain */
  readonly prefix?: string;
  readonly whenDown: WhenDown;
  /** Milliseconds after which the store counts as down. @default 500 */
  readonly timeout?: number;
  /** Milliseconds for which a store that is down is left alone. @default 1_000 */
  readonly retryAfter?: number;
}

/** The names of the fields of `StoreConfig`. @internal */
export const STORE_OPTIONS = ['client', 'prefix', 'whenDown', 'timeout', 'retryAfter'] as const;

/** The store came or went. The error's text is not passed on: it may hold a key. */
export interface StoreChange {
  readonly available: boolean;
  /** The name of the error's class, such as `TimeoutError`. */
  readonly cause: string | undefined;
}

/** @internal */
export class StoredScript {
  readonly #client: RedisClient;
  readonly #script: string;
  readonly #prefix: string;
  readonly #timeout: number;
  readonly #retryAfter: number;
  readonly #changed = new Emitter<StoreChange>();
  #available = true;
  #downUntil = Number.NEGATIVE_INFINITY;
  #sha: Promise<string> | undefined;

  constructor(domain: string, script: string, usualPrefix: string, config: StoreConfig) {
    const { client, prefix = usualPrefix, whenDown, timeout = 500, retryAfter = 1_000 } = config;
    requireMethods(`${domain}: client`, client, 'eval', isNodeRedis(client) ? 'evalSha' : 'evalsha');
    if (typeof prefix !== 'string' || prefix.length < 1 || prefix.length > 128)
      throw createError('ERR_CONFIG_INVALID', `${domain}: prefix must have from 1 to 128 characters`);
    if (!['insurance', 'open', 'closed'].includes(whenDown))
      throw createError('ERR_CONFIG_INVALID', `${domain}: whenDown must be insurance, open or closed`);
    for (const [name, value] of Object.entries({ timeout, retryAfter })) {
      if (!(typeof value === 'number' && value >= 1 && value <= 60_000))
        throw createError('ERR_CONFIG_INVALID', `${domain}: ${name} must be from 1 to 60000 milliseconds`);
    }
    this.#client = client;
    this.#script = script;
    this.#prefix = prefix;
    this.#timeout = timeout;
    this.#retryAfter = retryAfter;
  }

  get available(): boolean {
    return this.#available;
  }

  get onDidChange(): Event<StoreChange> {
    return this.#changed.event;
  }

  /** The two numbers that the script answers, or nothing if the store is down. */
  async run(
    key: string,
    parameters: readonly (number | string)[],
  ): Promise<readonly [number, number] | undefined> {
    if (performance.now() < this.#downUntil) return undefined;
    try {
      const answer = await this.#inTime(this.#evaluate(this.#prefix + key, parameters.map(String)));
      const [first, second] = Array.isArray(answer) ? answer.map(Number) : [];
      if (first === undefined || second === undefined || Number.isNaN(first + second))
        throw new TypeError('the store answered something else');
      this.#note(true, undefined);
      return [first, second];
    } catch (error) {
      this.#downUntil = performance.now() + this.#retryAfter;
      this.#note(false, error instanceof Error ? error.constructor.name : typeof error);
      return undefined;
    }
  }

  /** By the script's hash; with the script itself where the server does not know it yet. */
  async #evaluate(key: string, parameters: string[]): Promise<unknown> {
    const client = this.#client;
    this.#sha ??= sha1(this.#script);
    const sha = await this.#sha;
    const options = { keys: [key], arguments: parameters };
    try {
      return await (isNodeRedis(client)
        ? client.evalSha(sha, options)
        : client.evalsha(sha, 1, key, ...parameters));
    } catch (error) {
      if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error;
      return isNodeRedis(client)
        ? client.eval(this.#script, options)
        : client.eval(this.#script, 1, key, ...parameters);
    }
  }

  async #inTime<T>(work: Promise<T>): Promise<T> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new TimeoutError()), this.#timeout);
    });
    work.catch(() => undefined); // it may fail after nobody waits for it any more
    try {
      return await Promise.race([work, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  #note(available: boolean, cause: string | undefined): void {
    if (available === this.#available) return;
    this.#available = available;
    this.#changed.fire({ available, cause });
  }
}

/** Both write the same function, one of them with a capital. */
function isNodeRedis(client: RedisClient): client is NodeRedisClient {
  return typeof client === 'object' && client !== null && 'evalSha' in client;
}

class TimeoutError extends Error {}

async function sha1(text: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-1', new TextEncoder().encode(text));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
