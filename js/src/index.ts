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
  VesperaBulkheadFullError,
  VesperaCircuitOpenError,
  VesperaConfigurationError,
  VesperaCryptoError,
  VesperaEngineError,
  VesperaSecurityError,
  VesperaTimeoutError,
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
  type SanitizerConfig,
  type SanitizerElement,
  type SanitizerName,
} from './html.js';
export { TokenBucket, type TokenBucketConfig } from './limit.js';
export { Bulkhead, type BulkheadConfig } from './breaker/bulkhead.js';
export type { Operation } from './breaker/deadline.js';
export type { Event, Subscription } from './breaker/events.js';
export { CircuitBreakerRegistry, type CircuitBreakerRegistryConfig } from './breaker/registry.js';
export { type BackoffConfig, Retry, type RetryConfig } from './breaker/retry.js';
export { judgeError, judgeResponse, parseRetryAfter, type Verdict } from './breaker/verdict.js';
export {
  CircuitBreaker,
  type CircuitBreakerConfig,
  type CircuitBreakerEvents,
  type CircuitBreakerHost,
  type CircuitBreakerSnapshot,
  type CircuitBreakerStats,
  type CircuitCause,
  type CircuitMode,
  type CircuitRefusal,
  type CircuitReport,
  type CircuitState,
  type CircuitStateChange,
  type ExecuteOptions,
  type WindowConfig,
} from './breaker.js';
export {
  DataKey,
  type ExportOptions,
  type KeyInfo,
  Keyset,
  type KeysetOptions,
  type KeysetSecrets,
  type KeysetStorage,
  KeysetStore,
  type KeysetStoreOptions,
  type PassphraseCost,
  type RecordContext,
  type SealingContext,
  SecretVault,
  SigningKey,
  type VaultFault,
  type VaultStorage,
  verifySignature,
} from './crypto.js';
export type { Clock, Disposable, Host } from './types.js';
