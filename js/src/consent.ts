/** Keeps what a person allowed: asked for, provable, and over at once when they say so. */
import { Cleanups } from './consent/cleanup.js';
import { plainPurposes } from './consent/documents.js';
import { Endings } from './consent/endings.js';
import {
  checkConditions,
  checkFlag,
  checkPurposeId,
  checkUserId,
  checkWord,
  grantList,
  plainEvidence,
  plain,
  plainUse,
  purposeList,
} from './consent/input.js';
import {
  checkOptions,
  type ConsentGrant,
  type ConsentHost,
  type ConsentManagerOptions,
  type EraseOptions,
} from './consent/options.js';
import type { Person } from './consent/person.js';
import { ConsentStore } from './consent/store.js';
import { ConsentView, wait } from './consent/view.js';
import type {
  CleanupHook,
  CleanupReport,
  ConsentAnswers,
  ConsentChangeEvent,
  ConsentController,
  ConsentEvidence,
  ConsentExport,
  ConsentPrompt,
  ConsentPurpose,
  ConsentQuestion,
  ConsentReason,
  ConsentRecord,
  ConsentRequestResult,
  ConsentUse,
  ErasureCertificate,
  LegalBasis,
  ProcessingRegister,
  RetentionReport,
  SignedDocument,
  WithdrawalResult,
} from './consent/types.js';
import { clockOf } from './engine/clock.js';
import { plainCopy, requireObject } from './engine/configuration.js';
import { call } from './engine/engine.js';
import { LIMITS, checkBytes, checkExactText, checkText } from './engine/limits.js';
import { createError, isVesperaSecurityError, type VesperaSecurityError } from './errors.js';
import type { Event } from './events.js';
import type { Disposable } from './types.js';

export type { CleanupOptions } from './consent/cleanup.js';
export { diffPurposes, verifySignedDocument } from './consent/documents.js';
export type { ConsentGrant, ConsentHost, ConsentManagerOptions, EraseOptions } from './consent/options.js';
export { ConsentStore, type ConsentStoreOptions } from './consent/store.js';

/** The most bytes of a sealed signing key. */
const MAX_IDENTITY = 1024;

/**
 * The consents of the people who use a service.
 *
 * `hasConsent` answers at once, from what was read last, and answers no whenever that may be out of date.
 * Everything that changes something is written before its promise resolves, and no writer undoes another.
 *
 * @example
 * const consents = await VesperaConsentManager.open({ store, purposes, controller, ui });
 * await consents.requestConsent('ada');
 * if (consents.hasConsent('ada', 'usage')) count(command);
 * await consents.withdrawConsent('ada');
 */
export class VesperaConsentManager implements Disposable {
  readonly #view: ConsentView;
  readonly #cleanups: Cleanups;
  readonly #endings: Endings;
  readonly #ui: ConsentPrompt | undefined;
  readonly #userAgent: string | undefined;
  readonly #controller: ConsentController;
  #purposes: readonly ConsentPurpose[];

  private constructor(options: ConsentManagerOptions, host: ConsentHost, identity: Uint8Array) {
    checkBytes('consent', identity, MAX_IDENTITY);
    const { purposes, controller, validity, proofRetention } = options;
    const config = plainCopy(
      'consent',
      { purposes, controller, validity, proofRetention },
      LIMITS.configuration.ceiling,
    ) as { purposes: ConsentPurpose[]; controller: ConsentController };
    const { ui, userAgent, hooks = {}, cleanup = {}, staleAfter = 1_000 } = options;
    const { sleep = wait } = host;
    const clock = clockOf('consent', host.clock, Date);
    this.#cleanups = new Cleanups(cleanup, sleep);
    this.#ui = ui;
    this.#userAgent = userAgent;
    for (const [id, hook] of Object.entries(hooks)) this.#cleanups.add(id, hook);
    this.#view = new ConsentView(options.store, config, identity, clock, staleAfter);
    this.#endings = new Endings(this.#view, this.#cleanups);
    // The core has read them: they are what they must be.
    this.#purposes = JSON.parse(JSON.stringify(config.purposes));
    this.#controller = JSON.parse(JSON.stringify(config.controller));
  }

  /**
   * Opens the store, reads everyone in it, and does what a former process left undone. Resolves when
   * `hasConsent` can be asked.
   * @throws VesperaSecurityError `ERR_CONFIG_INVALID`; `ERR_CRYPTO_OPEN_FAILED` and `ERR_CONSENT_KEY_LOST`
   * about the signing key. A person whose record does not open is refused everything: the error is in
   * `unreadable`, and thrown by every call but `hasConsent` that names the person.
   */
  static async open(options: ConsentManagerOptions, host: ConsentHost = {}): Promise<VesperaConsentManager> {
    if (!(options?.store instanceof ConsentStore)) {
      throw createError(
        'ERR_CONFIG_INVALID',
        'consent: a manager needs a store, make one with new ConsentStore()',
      );
    }
    checkOptions(options, host);
    const manager = new VesperaConsentManager(options, host, await options.store.identity());
    try {
      for (const name of await options.store.names()) {
        try {
          await manager.#view.load(name);
        } catch (thrown) {
          if (!isVesperaSecurityError(thrown)) throw thrown;
        }
      }
      void manager.resumeCleanup().catch(() => {});
      return manager;
    } catch (thrown) {
      manager.dispose();
      throw thrown;
    }
  }

  /** The key that receipts and certificates verify with: publish it. */
  get publicKey(): string {
    return this.#view.call((core, book) => core.consentPublicKey(book));
  }

  /** The purposes as they were declared. */
  get purposes(): readonly ConsentPurpose[] {
    return this.#purposes;
  }

  /**
   * Whether the person has said yes to this purpose, and it still holds. No as well if nobody was asked, if the
   * yes is over, if the purpose has materially changed, or if the record may be out of date: then it is read
   * again in the background. Purposes that rest on another legal basis are never consent: see `mayProcess`.
   */
  hasConsent(userId: string, purposeId: string, use: ConsentUse = {}): boolean {
    checkUserId(userId);
    checkPurposeId(purposeId);
    const { dataType, thirdParty } = plainUse(use);
    if (this.#view.isLost) return false;
    const person = this.#view.asked(userId);
    if (!person || !this.#view.isCurrent(person)) return false;
    return (
      this.#view.call((core, book, now) =>
        core.consentHas(book, userId, purposeId, dataType, thirdParty, now),
      ) === 0
    );
  }

  /** Why `hasConsent` answers as it does. */
  explain(userId: string, purposeId: string, use: ConsentUse = {}): ConsentReason {
    checkPurposeId(purposeId);
    const { dataType, thirdParty } = plainUse(use);
    this.#view.readable(userId);
    return JSON.parse(
      this.#view.call((core, book, now) =>
        core.consentReason(book, userId, purposeId, dataType, thirdParty, now),
      ),
    );
  }

  /** Whether data may be processed for a purpose, by consent or on the other legal basis it was declared with. */
  mayProcess(
    userId: string,
    purposeId: string,
    use: ConsentUse = {},
  ): { allowed: boolean; basis: LegalBasis } {
    const basis = this.#purposes.find((purpose) => purpose.id === purposeId)?.legalBasis ?? 'consent';
    return { allowed: basis !== 'consent' || this.hasConsent(userId, purposeId, use), basis };
  }

  /**
   * The consents of a person as they were read last, in the states they have now; nothing if there are none.
   * @throws VesperaSecurityError if the record did not open: that is not the same as no consent
   */
  getUserConsents(userId: string): readonly ConsentRecord[] {
    this.#view.isCurrent(this.#view.readable(userId));
    return this.#view.records(userId);
  }

  /** Records that did not open when they were read last: the person's name in the store, and the error. */
  get unreadable(): readonly { readonly name: string; readonly error: VesperaSecurityError }[] {
    return [...this.#view.unreadable].map(([name, error]) => ({ name, error }));
  }

  /**
   * Reads a person's record again, so that `hasConsent` answers from what is in the store now.
   * @throws VesperaSecurityError `ERR_CONSENT_KEY_LOST`, `ERR_CONSENT_ROLLED_BACK`, `ERR_CRYPTO_OPEN_FAILED` if
   * the record does not open: nothing is then allowed
   */
  async refresh(userId: string): Promise<void> {
    await this.#view.load(this.#view.person(userId).name);
  }

  /**
   * Asks for what is missing or has materially changed, and for nothing else. Purposes that rest on another
   * legal basis are shown with it, and not asked for.
   * @param purposes the purposes; all that rest on consent if not given
   * @throws VesperaSecurityError `ERR_CONFIG_UNSUPPORTED` without a `ui`, `ERR_ARGUMENT_INVALID` for a purpose that
   * is not registered
   */
  async requestConsent(
    userId: string,
    purposes: string | readonly string[] = this.#purposes.map((purpose) => purpose.id),
    context?: unknown,
  ): Promise<ConsentRequestResult> {
    const purposeIds = purposeList(purposes);
    const person = this.#view.person(userId);
    // One dialogue at a time for each person: the second question may be answered by the first.
    return person.ask(async () => {
      await this.#view.load(person.name);
      const questions = this.#questions(userId, purposeIds);
      const asked = questions.map((question) => question.purpose.id);
      if (asked.length === 0) return { asked, granted: [], refused: [], deferred: [] };
      if (!this.#ui) {
        throw createError(
          'ERR_CONFIG_UNSUPPORTED',
          'consent: nobody can be asked without a ui, give one to open()',
        );
      }
      await this.#view.mutate(person, { command: 'request', purposes: asked });
      const withoutConsent = this.#purposes.filter(
        ({ id, legalBasis = 'consent' }) => legalBasis !== 'consent' && purposeIds.includes(id),
      );
      const request = { userId, controller: this.#controller, questions, withoutConsent, context };
      const answers = await this.#ui.ask(request);
      if (answers === undefined) {
        await this.#view.mutate(person, { command: 'defer', purposes: asked });
        return { asked, granted: [], refused: [], deferred: asked };
      }
      return { asked, ...(await this.#answer(person, asked, answers)), deferred: [] };
    });
  }

  async #answer(
    person: Person,
    asked: readonly string[],
    answered: ConsentAnswers,
  ): Promise<{ granted: string[]; refused: string[] }> {
    requireObject('consent: the answer of a dialogue', answered, [
      'granted',
      'conditions',
      'notice',
      'language',
    ]);
    const { granted, conditions = {}, notice, language } = answered;
    if (!Array.isArray(granted) || !granted.every((id) => asked.includes(id))) {
      throw createError('ERR_ARGUMENT_INVALID', 'consent: the dialogue may grant only what was asked');
    }
    const noticeHash = notice === undefined ? undefined : noticeHashOf(notice);
    const limits = new Map(Object.entries(plain(conditions)));
    for (const [id, limit] of limits) {
      // A limit that finds no yes would leave a yes without its limit.
      if (!granted.includes(id))
        throw createError('ERR_ARGUMENT_INVALID', 'consent: conditions may name only what was granted');
      checkConditions(limit);
    }
    const answers = asked.map((purposeId) => {
      const yes = granted.includes(purposeId);
      return { purposeId, granted: yes, ...(yes && { conditions: limits.get(purposeId) }) };
    });
    const evidence = this.#evidence({
      method: 'ui_interaction',
      ...(language !== undefined && { language }),
      ...(noticeHash !== undefined && { noticeHash }),
    });
    await this.#endings.settle(person);
    await this.#view.mutate(person, { command: 'answer', answers, evidence });
    await this.#endings.cleanUp(person);
    return { granted: [...granted], refused: asked.filter((id) => !granted.includes(id)) };
  }

  /** Writes a yes. @throws VesperaSecurityError `ERR_ARGUMENT_INVALID` for purposes that do not rest on consent */
  async grantConsent(
    userId: string,
    purposes: string | readonly (string | ConsentGrant)[],
    evidence: ConsentEvidence = {},
  ): Promise<void> {
    const answers = grantList(purposes).map((grant) => ({ ...grant, granted: true }));
    const command = { command: 'answer', answers, evidence: this.#evidence(evidence) };
    const person = this.#view.person(userId);
    await this.#endings.settle(person);
    await this.#view.mutate(person, command);
  }

  /** Writes a no; where there was a yes, that is a withdrawal. */
  async refuseConsent(
    userId: string,
    purposes: string | readonly string[],
    evidence: ConsentEvidence = {},
  ): Promise<void> {
    const answers = grantList(purposes).map(({ purposeId }) => ({ purposeId, granted: false }));
    const ids = purposeList(purposes);
    const command = { command: 'answer', answers, evidence: this.#evidence(evidence) };
    const person = this.#view.person(userId);
    await this.#endings.takeBack(person, ids, command);
    await this.#endings.cleanUp(person);
  }

  /**
   * Takes consents back: these, or every one if none is named. `hasConsent` answers no from this call on; the
   * promise resolves when it is written and the cleanup hooks have run. What they could not delete is reported,
   * and tried again by `resumeCleanup` and at the next start.
   */
  async withdrawConsent(
    userId: string,
    purposes?: string | readonly string[],
    evidence: ConsentEvidence = {},
  ): Promise<WithdrawalResult> {
    const ids = purposeList(purposes);
    const person = this.#view.person(userId);
    const command = { command: 'withdraw', purposes: ids, evidence: this.#evidence(evidence) };
    const moved = await this.#endings.takeBack(person, ids, command);
    const withdrawn = moved.filter(({ to }) => to === 'withdrawn').map(({ purposeId }) => purposeId);
    return { withdrawn, cleanup: await this.#endings.cleanUp(person) };
  }

  /** Ends consents as the controller, for instance because a service ends. */
  async revokeConsent(userId: string, purposes?: string | readonly string[]): Promise<WithdrawalResult> {
    return this.#end(userId, { command: 'revoke', purposes: purposeList(purposes) }, 'revoked');
  }

  /** Declares consents invalid, for the past as for the future: the next `requestConsent` asks again. */
  async invalidateConsent(userId: string, purposes?: string | readonly string[]): Promise<WithdrawalResult> {
    return this.#end(userId, { command: 'invalidate', purposes: purposeList(purposes) }, 'invalidated');
  }

  async #end(userId: string, command: object, state: string): Promise<WithdrawalResult> {
    const person = this.#view.person(userId);
    const moved = await this.#view.mutate(person, command);
    const withdrawn = moved.filter(({ to }) => to === state).map(({ purposeId }) => purposeId);
    return { withdrawn, cleanup: await this.#endings.cleanUp(person) };
  }

  /** Declares other purposes. Consents that do not cover them stop counting at once. */
  setPurposes(purposes: readonly ConsentPurpose[]): void {
    const plain = plainPurposes(purposes);
    this.#view.call((core, book) => core.consentDeclare(book, plain));
    this.#purposes = JSON.parse(JSON.stringify(plain));
  }

  /** Tells of every consent that moves, here or in another window. */
  get onDidChangeConsent(): Event<ConsentChangeEvent> {
    return this.#view.changed.event;
  }

  /** Says how to delete the data of a purpose; hooks run when a consent ends, when data are too old, on erasure. */
  onCleanup(purposeId: string, hook: CleanupHook): Disposable {
    return this.#cleanups.add(purposeId, hook);
  }

  /** Tells of cleanups that failed at every try. */
  get onDidFailCleanup(): Event<CleanupReport & { readonly userId: string }> {
    return this.#endings.failed.event;
  }

  /** Runs the cleanups that are still due: of one person, or of everyone who was read. */
  async resumeCleanup(userId?: string): Promise<readonly CleanupReport[]> {
    const people = userId === undefined ? [...this.#view.people] : [this.#view.person(userId)];
    const reports: CleanupReport[] = [];
    for (const person of people)
      if (!this.#view.unreadable.has(person.name)) reports.push(...(await this.#endings.cleanUp(person)));
    return reports;
  }

  /** Everything that is kept about a person: as data with a JSON Schema, or as a table. */
  async exportUserData(userId: string, format: 'csv'): Promise<string>;
  async exportUserData(userId: string, format?: 'json'): Promise<ConsentExport>;
  async exportUserData(userId: string, format: 'json' | 'csv' = 'json'): Promise<ConsentExport | string> {
    checkWord('the format', format, ['json', 'csv']);
    const { name } = this.#view.person(userId);
    const { record, key, anchor } = await this.#view.store.read(name);
    const text = this.#view.call((core, book, now) =>
      core.consentExport(book, this.#view.store.keyset, userId, record, key, anchor, format === 'csv', now),
    );
    return format === 'csv' ? text : JSON.parse(text);
  }

  /** The records of processing activities that GDPR article 30 asks for, drawn from the purposes. */
  recordsOfProcessing(format: 'csv'): string;
  recordsOfProcessing(format?: 'json'): ProcessingRegister;
  recordsOfProcessing(format: 'json' | 'csv' = 'json'): ProcessingRegister | string {
    checkWord('the format', format, ['json', 'csv']);
    const text = this.#view.call((core, book, now) => core.consentRegister(book, format === 'csv', now));
    return format === 'csv' ? text : JSON.parse(text);
  }

  /**
   * A signed receipt of what a person agreed to, for the person to keep: `iso27560` (ISO/IEC TS 27560:2023 in
   * terms of the Data Privacy Vocabulary, JSON-LD) or `kantara` (Consent Receipt 1.1). `verifySignedDocument`
   * verifies it without the store.
   * @throws VesperaSecurityError `ERR_ARGUMENT_INVALID` if there is no record of one of the purposes
   */
  async issueReceipt(
    userId: string,
    options: { readonly form?: 'iso27560' | 'kantara'; readonly purposes?: string | readonly string[] } = {},
  ): Promise<SignedDocument> {
    requireObject('consent: the options of a receipt', options, ['form', 'purposes']);
    const { form = 'iso27560', purposes } = options;
    checkWord('the form of a receipt', form, ['iso27560', 'kantara']);
    const list = purposeList(purposes);
    const ids = list && JSON.stringify(list);
    await this.refresh(userId);
    const text = this.#view.call((core, book, now) =>
      core.consentReceipt(book, userId, form === 'kantara', ids, now),
    );
    return JSON.parse(text);
  }

  /**
   * Forgets a person: the cleanup hooks delete the data of every purpose, then the person's key is destroyed, and
   * with it every copy of what was sealed under it. What remains is the certificate, signed, without the user id.
   * @throws VesperaSecurityError `ERR_CONSENT_CLEANUP_FAILED` if data could not be deleted and `force` is not set:
   * consents are then withdrawn, and nothing is erased yet; `ERR_ARGUMENT_INVALID` if nothing is kept;
   * `ERR_CONSENT_CONFLICT` while another erasure of the person is under way
   */
  async eraseUser(userId: string, options: EraseOptions = {}): Promise<ErasureCertificate> {
    requireObject('consent: the options of an erasure', options, ['requestedBy', 'force', 'unreadable']);
    const { requestedBy = 'subject', force = false, unreadable = false } = options;
    checkWord('requestedBy', requestedBy, ['subject', 'controller']);
    checkFlag('force', force);
    checkFlag('unreadable', unreadable);
    return this.#endings.erase(userId, { requestedBy, force, unreadable });
  }

  /**
   * Does what time asks for: writes down what has expired, runs the cleanup hooks for data that are too old,
   * and forgets records whose proof is no longer needed. With `dryRun` it only says what is due. A record that
   * does not open, or a person whose data could not be deleted, is reported in `failed` and stops nothing else.
   */
  async sweepRetention(options: { readonly dryRun?: boolean } = {}): Promise<RetentionReport> {
    requireObject('consent: the options of a sweep', options, ['dryRun']);
    const { dryRun = false } = options;
    checkFlag('dryRun', dryRun);
    return this.#endings.sweep(dryRun);
  }

  /**
   * Seals data of a person for a purpose under the person's own key: they open only while the purpose is allowed,
   * for that person, purpose and id, and an erasure takes them along wherever they are.
   * @throws VesperaSecurityError `ERR_CONSENT_REQUIRED`, `ERR_CONSENT_KEY_LOST`, `ERR_INPUT_TOO_LARGE`
   */
  async sealData(userId: string, purposeId: string, id: string, data: Uint8Array): Promise<Uint8Array> {
    checkBytes('consent', data, LIMITS.record.ceiling);
    const key = await this.#dataKey(userId, purposeId, id);
    return this.#view.call((core, book, now) =>
      core.consentSealData(book, this.#view.store.keyset, userId, purposeId, id, key, data, now),
    );
  }

  /** Opens what `sealData` sealed. @throws VesperaSecurityError as `sealData`, and `ERR_CRYPTO_OPEN_FAILED` */
  async openData(userId: string, purposeId: string, id: string, sealed: Uint8Array): Promise<Uint8Array> {
    checkBytes('consent', sealed, LIMITS.record.ceiling + 1024 * 1024);
    const key = await this.#dataKey(userId, purposeId, id);
    return this.#view.call((core, book, now) =>
      core.consentOpenData(book, this.#view.store.keyset, userId, purposeId, id, key, sealed, now),
    );
  }

  async #dataKey(userId: string, purposeId: string, id: string): Promise<Uint8Array> {
    checkPurposeId(purposeId);
    checkExactText('consent', id, 1024);
    const person = this.#view.person(userId);
    const entries = await this.#view.load(person.name);
    if (!entries.key) {
      throw createError('ERR_CONSENT_REQUIRED', 'consent: this person has no key yet, ask for consent first');
    }
    return entries.key;
  }

  dispose(): void {
    this.#view.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  #questions(userId: string, purposeIds: readonly string[]): ConsentQuestion[] {
    const ids = JSON.stringify(purposeIds);
    const found: { purposeId: string; reason: ConsentReason; changes?: ConsentQuestion['changes'] }[] =
      JSON.parse(this.#view.call((core, book, now) => core.consentQuestions(book, userId, ids, now)));
    return found.map(({ purposeId, reason, changes = [] }) => {
      const purpose = this.#purposes.find((it) => it.id === purposeId);
      if (!purpose) throw createError('ERR_ARGUMENT_INVALID', 'consent: this purpose is not registered');
      return { purpose, reason, changes };
    });
  }

  #evidence(given: ConsentEvidence): object {
    return { userAgent: this.#userAgent, ...plainEvidence(given) };
  }
}

function noticeHashOf(notice: string): string {
  checkText('consent', notice, 64 * 1024);
  return call((core) => core.consentNoticeHash(notice));
}
