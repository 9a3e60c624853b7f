/** Seals what is personal. One file for each thing: */
export { DataKey } from './crypto/data-key.js';
export {
  type ExportOptions,
  type KeyInfo,
  Keyset,
  type KeysetOptions,
  type PassphraseCost,
} from './crypto/keyset.js';
export {
  type KeysetSecrets,
  type KeysetStorage,
  KeysetStore,
  type KeysetStoreOptions,
} from './crypto/keyset-store.js';
export { SecretVault, type SecretVaultOptions, type VaultFault, type VaultStorage } from './crypto/vault.js';
export type { RecordContext, SealingContext } from './crypto/context.js';
export { SigningKey, verifySignature } from './crypto/signing-key.js';
