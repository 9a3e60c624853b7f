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
  VesperaConsentError,
  VesperaCryptoError,
  VesperaEngineError,
  VesperaSecurityError,
  VesperaThreatError,
  VesperaStoreError,
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
export type { TrustedHtmlPolicy } from './html/trusted-types.js';
export { escapeAttribute, escapeHtml, htmlToText, SafeHtml, safeHtml, trustedTypesPolicy } from './markup.js';
export { revealInvisible, stripTerminalEscapes } from './text.js';
export {
  type DetectInChunksOptions,
  type DetectOptions,
  type DiagnosticPosition,
  type MaskOptions,
  MaskingSession,
  maskPersonalData,
  type PersonalDataType,
  type SanitizationScope,
  type Threat,
  type ThreatAction,
  ThreatDetector,
  type ThreatDetectorOptions,
  type ThreatDiagnostic,
  type ThreatPattern,
  type ThreatSeverity,
  type ThreatType,
  toDiagnostics,
  toSarif,
} from './threat.js';
export {
  type Processor,
  type SanitizationResult,
  type ScopeRules,
  type ValidatorLike,
  VesperaInputSanitizer,
  type VesperaInputSanitizerConfig,
} from './sanitizer.js';
export { parseRateLimit, type RateLimitHeaders, type RateLimitProblem } from './limit/fields.js';
export {
  type RateLimitAction,
  type RateLimitActionType,
  type RateLimitBucket,
  type RateLimitContext,
  type RateLimitDecision,
  type RateLimiterConfig,
  type RateLimiterSnapshot,
  type RateLimiterStats,
  type RateLimitEvent,
  type RateLimitRule,
  type RateLimitScope,
  VesperaRateLimiter,
} from './limit/limiter.js';
export type { AcquireOptions } from './limit/queue.js';
export { TokenBucket, type TokenBucketConfig } from './limit.js';
export { Bulkhead, type BulkheadConfig } from './breaker/bulkhead.js';
export type { Operation } from './breaker/deadline.js';
export type { Event, Subscription } from './events.js';
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
  type SecretVaultOptions,
  type VaultFault,
  type VaultStorage,
  verifySignature,
} from './crypto.js';
export {
  type CleanupOptions,
  type ConsentGrant,
  type ConsentHost,
  type ConsentManagerOptions,
  ConsentStore,
  type ConsentStoreOptions,
  diffPurposes,
  type EraseOptions,
  verifySignedDocument,
  VesperaConsentManager,
} from './consent.js';
export type {
  CleanupHook,
  CleanupReport,
  CleanupTask,
  ConsentAnswers,
  ConsentCategory,
  ConsentChangeEvent,
  ConsentConditions,
  ConsentController,
  ConsentEvent,
  ConsentEvidence,
  ConsentExport,
  ConsentMethod,
  ConsentMove,
  ConsentPrompt,
  ConsentPurpose,
  ConsentQuestion,
  ConsentReason,
  ConsentRecord,
  ConsentRequest,
  ConsentRequestResult,
  ConsentState,
  ConsentUse,
  DataIntegrityProof,
  ErasedRecord,
  ErasureCertificate,
  LegalBasis,
  ProcessingRegister,
  PurposeChange,
  PurposeDiff,
  RetentionDue,
  RetentionReport,
  SignedDocument,
  WithdrawalResult,
} from './consent/types.js';
export {
  type FlagConfig,
  type FlagEvaluation,
  type FlagPhase,
  type FlagReason,
  type FlagsSnapshot,
  SecurityFeatureFlags,
} from './flags.js';
export { type Anchor, MemoryAnchor, SecretAnchor, type SecretStorageLike } from './stores/anchor.js';
export {
  type FileHandle,
  type FileStatus,
  FileStore,
  type FileStoreOptions,
  type FileSystem,
} from './stores/file.js';
export { type MementoLike, MementoStore } from './stores/memento.js';
export { MemoryStore } from './stores/memory.js';
export type { KeyValueStore, MaybePromise } from './stores/store.js';
export { RedisCircuitBreaker, type RedisCircuitBreakerConfig } from './stores/redis-breaker.js';
export { RedisRateLimiter, type RedisRateLimiterConfig, type SharedDecision } from './stores/redis.js';
export type {
  IoRedisClient,
  NodeRedisClient,
  RedisClient,
  StoreChange,
  StoreConfig,
  WhenDown,
} from './stores/script.js';
export type { Clock, Disposable, Host } from './types.js';
