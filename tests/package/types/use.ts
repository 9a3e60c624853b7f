/** What a strict TypeScript project writes. The runner compiles it as CommonJS, as a module and for a bundler. */
import {
  type ErrorCode,
  isVesperaSecurityError,
  TokenBucket,
  type TokenBucketConfig,
  VesperaSecurityError,
} from 'vespera-security';
import { ERROR_CODES, type SerializedSecurityError } from 'vespera-security/errors';
import { init } from 'vespera-security/slim';

const config: TokenBucketConfig = { capacity: 5, refillRate: 1, refillInterval: 1_000 };
export const bucket = new TokenBucket(config, { clock: { now: () => 0 } });
export const taken: boolean = bucket.consumeTokens(2);
export const wait: number = bucket.timeUntilAvailable(1);
bucket.dispose();

// @ts-expect-error: a field is missing
new TokenBucket({ capacity: 5, refillRate: 1 });
// @ts-expect-error: a name that nobody knows
new TokenBucket({ ...config, capasity: 5 });
// @ts-expect-error: not a number
bucket.consumeTokens('1');

export function codeOf(error: unknown): ErrorCode | undefined {
  return isVesperaSecurityError(error) ? error.code : undefined;
}
export function overTheWire(error: VesperaSecurityError): SerializedSecurityError {
  return VesperaSecurityError.fromJSON(error.toJSON()).toJSON();
}
export const started: Promise<void> = init(new Uint8Array());
export const codes: readonly string[] = Object.keys(ERROR_CODES);
