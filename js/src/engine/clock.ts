/** Clocks of the host. */
import { createError } from '../errors.js';
import type { Clock } from '../types.js';
import { requireMethods } from './configuration.js';

/**
 * The clock that a caller gave, or the usual one. What it answers is a number: anything else, such as the `bigint` of
 * `process.hrtime`, would stop the engine in the middle of a call. NaN stands for no time passed.
 * @internal
 * @throws VesperaSecurityError `ERR_CONFIG_INVALID` if it is no clock
 */
export function clockOf(domain: string, given: Clock | undefined, usual: Clock): Clock {
  if (given === undefined || given === usual) return usual;
  requireMethods(`${domain}: a clock`, given, 'now');
  return {
    now: () => {
      const now: unknown = given.now();
      if (typeof now === 'number') return now;
      throw createError('ERR_ARGUMENT_INVALID', `${domain}: the clock must answer milliseconds as a number`);
    },
  };
}
