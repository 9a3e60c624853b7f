/** What needs neither a store nor a key: comparing declarations, and verifying what was signed. */
import { plainCopy } from '../engine/configuration.js';
import { call } from '../engine/engine.js';
import { LIMITS, checkText } from '../engine/limits.js';
import { createError } from '../errors.js';
import type { ConsentPurpose, PurposeDiff, SignedDocument } from './types.js';

/**
 * What changed between two declarations, and whether people must be asked again: a new recipient, a longer
 * retention, a new kind of data or another legal basis is material; a typo or a better wording is not.
 * @throws VesperaSecurityError `ERR_CONFIG_INVALID` if one of them is not a valid declaration
 */
export function diffPurposes(
  before: readonly ConsentPurpose[],
  after: readonly ConsentPurpose[],
): PurposeDiff[] {
  const [old, next] = [plainPurposes(before), plainPurposes(after)];
  return JSON.parse(call((core) => core.consentDiff(old, next)));
}

/**
 * Whether a receipt or an erasure certificate was signed with this key and not changed since. It needs no store.
 * The key is what `VesperaConsentManager.publicKey` says; a key that the document names itself proves nothing.
 * @throws VesperaSecurityError `ERR_CONSENT_RECEIPT_INVALID` if the document has no such proof,
 * `ERR_ARGUMENT_INVALID` if the key is not one
 */
export function verifySignedDocument(document: SignedDocument | object, publicKey: string): boolean {
  checkText('consent', publicKey, 256);
  const text = jsonOf(document);
  checkText('consent', text, LIMITS.configuration.ceiling);
  return call((core) => core.consentVerify(text, publicKey));
}

function jsonOf(document: object): string {
  const refuse = (cause?: unknown): Error =>
    createError('ERR_ARGUMENT_INVALID', 'consent: the document must be an object of JSON', {}, { cause });
  if (typeof document !== 'object' || document === null) throw refuse();
  try {
    return JSON.stringify(document);
  } catch (cause) {
    throw refuse(cause);
  }
}

/** Purposes as the core reads them. @internal */
export function plainPurposes(purposes: readonly ConsentPurpose[]): object {
  if (!Array.isArray(purposes)) {
    throw createError('ERR_CONFIG_INVALID', 'consent: the purposes must be a list');
  }
  const plain = plainCopy('consent', { purposes }, LIMITS.configuration.ceiling) as { purposes: object };
  return plain.purposes;
}
