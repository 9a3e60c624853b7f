/** The public names, one line a domain, in the order of `src/lib.rs`. */
export { type CompiledModule, type EngineSource, init, type ResponseLike } from './engine/engine.js';
export { LIMITS, type LimitName } from './engine/limits.js';
export {
  ERROR_CODES,
  type ErrorCode,
  isVesperaSecurityError,
  type SecurityErrorDetails,
  type SerializedSecurityError,
  VesperaArgumentError,
  VesperaCircuitOpenError,
  VesperaConfigurationError,
  VesperaCryptoError,
  VesperaEngineError,
  VesperaSecurityError,
} from './errors.js';
export {
  type HtmlChanges,
  type HtmlInspection,
  type HtmlLimits,
  type HtmlProfile,
  type HtmlRemoval,
  HtmlSanitizer,
  type HtmlSanitizerOptions,
  type HtmlUrlOptions,
} from './html.js';
export { TokenBucket, type TokenBucketConfig } from './limit.js';
export {
  DataKey,
  type ExportOptions,
  type KeyInfo,
  Keyset,
  type KeysetOptions,
  type PassphraseCost,
  type RecordContext,
  type SealingContext,
  SigningKey,
  verifySignature,
} from './crypto.js';
export type { Clock, Disposable, Host } from './types.js';
