/** What callers hand in, checked before it reaches the core: an argument of another kind would stop the engine. */
import { plainCopy, requireObject } from '../engine/configuration.js';
import { checkExactText, checkText } from '../engine/limits.js';
import { createError } from '../errors.js';
import type { ConsentGrant } from './options.js';
import type { ConsentConditions, ConsentEvidence, ConsentUse } from './types.js';

/** The most bytes of a user id, and of a purpose's id. */
const MAX_USER_ID = 512;
const MAX_PURPOSE_ID = 64;
const MAX_USE = 1024;

/** @throws VesperaSecurityError `ERR_ARGUMENT_INVALID`, `ERR_INPUT_TOO_LARGE` */
export function checkUserId(userId: string): void {
  checkExactText('consent', userId, MAX_USER_ID);
}

/** @throws VesperaSecurityError `ERR_ARGUMENT_INVALID`, `ERR_INPUT_TOO_LARGE` */
export function checkPurposeId(purposeId: string): void {
  checkText('consent', purposeId, MAX_PURPOSE_ID);
}

/**
 * A list of purposes from one, a list, or none, which stands for all of them. An empty list is refused: it could
 * mean either.
 * @throws VesperaSecurityError `ERR_ARGUMENT_INVALID`, `ERR_INPUT_TOO_LARGE`
 */
export function purposeList(purposes: string | readonly string[]): readonly string[];
export function purposeList(purposes: string | readonly string[] | undefined): readonly string[] | undefined;
export function purposeList(purposes: string | readonly string[] | undefined): readonly string[] | undefined {
  if (purposes === undefined) return undefined;
  const list = typeof purposes === 'string' ? [purposes] : purposes;
  if (!Array.isArray(list) || list.length === 0) {
    throw createError(
      'ERR_ARGUMENT_INVALID',
      'consent: the purposes must be an id or a list of at least one, or left out to mean every one',
    );
  }
  list.forEach(checkPurposeId);
  return list;
}

/** Grants from ids, or from ids with conditions. @throws VesperaSecurityError as `purposeList` */
export function grantList(
  purposes: string | readonly (string | ConsentGrant)[],
): readonly Partial<ConsentGrant>[] {
  const list = Array.isArray(purposes) ? purposes : [purposes];
  const grants = list.map((it) =>
    typeof it === 'object' && it !== null ? plainGrant(it) : { purposeId: it },
  );
  purposeList(grants.map(({ purposeId }) => purposeId));
  return grants;
}

function plainGrant(grant: ConsentGrant): ConsentGrant {
  const copy = plain(grant);
  requireObject('consent: a grant', copy, ['purposeId', 'conditions']);
  if (copy.conditions !== undefined) checkConditions(copy.conditions);
  return copy;
}

/** Limits of a yes, as the core takes them. @throws VesperaSecurityError `ERR_CONFIG_INVALID`, `ERR_ARGUMENT_INVALID` */
export function checkConditions(conditions: ConsentConditions): void {
  requireObject('consent: conditions', conditions, ['expiryDate', 'dataTypes', 'thirdParties']);
  const { expiryDate = 0, dataTypes = [], thirdParties = [] } = conditions;
  const texts = (list: unknown): boolean => Array.isArray(list) && list.every((it) => typeof it === 'string');
  if (Number.isSafeInteger(expiryDate) && expiryDate >= 0 && texts(dataTypes) && texts(thirdParties)) return;
  throw createError(
    'ERR_ARGUMENT_INVALID',
    'consent: conditions must be a time in whole milliseconds as expiryDate, and lists of texts as dataTypes and thirdParties',
  );
}

const EVIDENCE = ['method', 'userAgent', 'ipAddress', 'language', 'noticeHash'] as const;
const METHODS = ['ui_interaction', 'api_call', 'configuration', 'import'];

/** Evidence, as the core takes it. @throws VesperaSecurityError `ERR_CONFIG_INVALID`, `ERR_ARGUMENT_INVALID` */
export function plainEvidence(evidence: ConsentEvidence): ConsentEvidence {
  const copy = plain(evidence);
  requireObject('consent: the evidence', copy, EVIDENCE);
  for (const name of EVIDENCE)
    if (copy[name] !== undefined && typeof copy[name] !== 'string')
      throw createError('ERR_ARGUMENT_INVALID', `consent: evidence.${name} must be a string`);
  if (copy.method !== undefined) checkWord('evidence.method', copy.method, METHODS);
  return copy;
}

/** What data are wanted for, as the core takes it. @throws VesperaSecurityError as `checkPurposeId` */
export function plainUse(use: ConsentUse): ConsentUse {
  requireObject('consent: the use', use, ['dataType', 'thirdParty']);
  const { dataType, thirdParty } = use;
  if (dataType !== undefined) checkText('consent', dataType, MAX_USE);
  if (thirdParty !== undefined) checkText('consent', thirdParty, MAX_USE);
  return { ...(dataType !== undefined && { dataType }), ...(thirdParty !== undefined && { thirdParty }) };
}

/** One of a few words. @throws VesperaSecurityError `ERR_ARGUMENT_INVALID` naming them */
export function checkWord(what: string, word: string, words: readonly string[]): void {
  if (words.includes(word)) return;
  throw createError('ERR_ARGUMENT_INVALID', `consent: ${what} must be one of ${words.join(', ')}`);
}

/** A choice that is yes or no: what merely looks like one must not decide. @throws VesperaSecurityError `ERR_ARGUMENT_INVALID` */
export function checkFlag(what: string, flag: boolean): void {
  if (typeof flag !== 'boolean')
    throw createError('ERR_ARGUMENT_INVALID', `consent: ${what} must be true or false`);
}

/** Plain data for the core. @throws VesperaSecurityError `ERR_CONFIG_INVALID`, `ERR_INPUT_TOO_LARGE` */
export function plain<T extends object>(value: T): T {
  return plainCopy('consent', value) as T;
}
