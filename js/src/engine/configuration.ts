/**
 * Configurations on their way in. The core reads a plain copy: a getter of the caller's that throws in the
 * middle of a call would leave the core half-way through it.
 */
import { createError } from '../errors.js';
import { resolveLimit } from './limits.js';

const MAX_DEPTH = 32;

/**
 * A plain copy of a configuration: objects, arrays, strings, finite numbers, booleans, null; `undefined` is left out.
 * @throws VesperaSecurityError `ERR_CONFIG_INVALID`, `ERR_INPUT_TOO_LARGE`
 */
export function plainCopy(
  domain: string,
  configuration: unknown,
  limit = resolveLimit('configuration', undefined),
): object {
  let left = limit;
  const spend = (size: number): void => {
    left -= size;
    if (left < 0) {
      throw createError('ERR_INPUT_TOO_LARGE', `${domain}: the configuration is larger than ${limit} bytes`, {
        limit,
      });
    }
  };
  const copy = (value: unknown, path: string, depth: number): unknown => {
    if (depth > MAX_DEPTH) throw refuse(domain, path, `is nested deeper than ${MAX_DEPTH} levels`);
    spend(8);
    if (typeof value === 'string') spend(value.length * 3);
    if (typeof value === 'number' && !Number.isFinite(value))
      throw refuse(domain, path, 'must be a finite number');
    if (
      value === null ||
      typeof value === 'string' ||
      typeof value === 'boolean' ||
      typeof value === 'number'
    )
      return value;
    if (Array.isArray(value)) {
      const { length } = value;
      spend(length * 8); // before a long list of nothing is walked through
      const list: unknown[] = [];
      for (let at = 0; at < length; at++) list.push(copy(value[at], `${path}[${at}]`, depth + 1));
      return list;
    }
    if (typeof value !== 'object') throw refuse(domain, path, 'must be data, not a function or a symbol');
    const plain: Record<string, unknown> = Object.create(null);
    for (const key of Object.keys(value)) {
      const item = (value as Record<string, unknown>)[key];
      if (item === undefined) continue;
      spend(key.length * 3);
      plain[key] = copy(item, path === '' ? key : `${path}.${key}`, depth + 1);
    }
    return plain;
  };
  if (typeof configuration !== 'object' || configuration === null || Array.isArray(configuration)) {
    throw createError('ERR_CONFIG_INVALID', `${domain}: the configuration must be an object`);
  }
  return copy(configuration, '', 0) as object;
}

/**
 * Options that stay in JavaScript: an object, with names that mean something.
 * @throws VesperaSecurityError `ERR_CONFIG_INVALID` naming it, or the name that nobody knows
 */
export function requireObject<T extends object>(
  what: string,
  options: T,
  names?: readonly (keyof T & string)[],
): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options))
    throw createError('ERR_CONFIG_INVALID', `${what} must be an object`);
  if (!names) return;
  const given = Object.keys(options) as (keyof T & string)[];
  const unknown = given.find((name) => !names.includes(name) && options[name] !== undefined);
  if (unknown !== undefined)
    throw createError(
      'ERR_CONFIG_INVALID',
      `${what} may hold only ${names.join(', ')}, not ${unknown.slice(0, 64)}`,
    );
}

/**
 * An object of the caller's that does what is asked of it.
 * @throws VesperaSecurityError `ERR_CONFIG_INVALID` naming the functions it lacks
 */
export function requireMethods(what: string, given: unknown, ...names: readonly string[]): void {
  const object = given as Readonly<Record<string, unknown>> | null | undefined;
  const lacking = names.filter((name) => typeof object?.[name] !== 'function');
  if (lacking.length > 0)
    throw createError(
      'ERR_CONFIG_INVALID',
      `${what} must have ${lacking.map((name) => `${name}()`).join(', ')}`,
    );
}

/**
 * A signal that ends waiting, if there is one.
 * @throws VesperaSecurityError `ERR_CONFIG_INVALID`
 */
export function requireSignal(domain: string, signal: AbortSignal | null | undefined): void {
  if (signal) requireMethods(`${domain}: signal`, signal, 'addEventListener', 'removeEventListener');
}

function refuse(domain: string, path: string, words: string): Error {
  return createError('ERR_CONFIG_INVALID', `${domain}: ${path || 'the configuration'} ${words}`);
}
