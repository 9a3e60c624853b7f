/** The strings of structured data. Needs no WebAssembly. */
import { createError } from '../errors.js';

const MAX_DEPTH = 32;

/**
 * Every string and key of a value, with the path that leads to it, in order.
 * @internal
 * @throws VesperaSecurityError `ERR_INPUT_TOO_LARGE`
 */
export function* strings(value: unknown, most: number): Generator<[field: string, text: string]> {
  let left = most;
  const seen = new Set<object>();
  function* walk(value: unknown, field: string, depth: number): Generator<[string, string]> {
    if (depth > MAX_DEPTH) {
      throw createError('ERR_INPUT_TOO_LARGE', `threat: the input is nested deeper than ${MAX_DEPTH} levels`);
    }
    if (typeof value === 'string') {
      if (--left < 0)
        throw createError('ERR_INPUT_TOO_LARGE', `threat: the input has more than ${most} strings`, {
          limit: most,
        });
      yield [field, value];
    } else if (Array.isArray(value)) {
      for (let at = 0; at < value.length; at++) yield* walk(value[at], `${field}[${at}]`, depth + 1);
    } else if (typeof value === 'object' && value !== null) {
      if (seen.has(value)) throw createError('ERR_ARGUMENT_INVALID', 'threat: the input refers to itself');
      seen.add(value);
      for (const key of Object.keys(value)) {
        const path = field === '' ? key : `${field}.${key}`;
        yield* walk(key, path, depth + 1);
        yield* walk((value as Record<string, unknown>)[key], path, depth + 1);
      }
      seen.delete(value);
    }
  }
  yield* walk(value, '', 0);
}

/** The text with lone surrogates replaced, as it crosses into the core. @internal */
export function scalars(text: string): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(new TextEncoder().encode(text));
}
