/** Keeps what a person allowed: asked for, provable, and over at once when they say so. */
import { type CleanupOptions, Cleanups } from './consent/cleanup.js';
import { plainPurposes } from './consent/documents.js';
import { Person } from './consent/person.js';
import type { ConsentStore, Entries } from './consent/store.js';
import type {
  CleanupHook,
  CleanupReport,
  CleanupTask,
  ConsentAnswers,
  ConsentChangeEvent,
  ConsentConditions,
  ConsentController,
  ConsentEvidence,
  ConsentExport,
  ConsentMove,
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
  RetentionDue,
  RetentionReport,
  SignedDocument,
  WithdrawalResult,
} from './consent/types.js';
import { plainCopy } from './engine/configuration.js';
import { type Core, call } from './engine/engine.js';
import { LIMITS, checkBytes, checkText } from './engine/limits.js';
import { type Kind, Resident } from './engine/resident.js';
import { createError, isVesperaSecurityError, type VesperaSecurityError } from './errors.js';
import type { Clock, Disposable, Host } from './types.js';

export * from './consent/types.js';
export type { CleanupOptions } from './consent/cleanup.js';
export { diffPurposes, verifySignedDocument } from './consent/documents.js';
export { ConsentStore, type ConsentStoreOptions } from './consent/store.js';

/** What a manager is made of. */
export interface ConsentManagerOptions {
  readonly store: ConsentStore;
  /** What data are used for. */
  readonly purposes: readonly ConsentPurpose[];
  /** Who is responsible. */
  readonly controller: ConsentController;
  /** Shows questions; without it nobody can be asked, but consents can be granted and withdrawn by calls. */
  readonly ui?: ConsentPrompt;
  /** How long a consent holds if its purpose does not say, in milliseconds. @default 365 days */
  readonly validity?: number;
  /** How long the proof of a consent is kept after its end, in milliseconds. @default 3 years */
  readonly proofRetention?: number;
  /** The program, for the evidence. */
  readonly userAgent?: string;
  /** What deletes data, by purpose; see `onCleanup`. What a former process left undone is done on opening. */
  readonly hooks?: Readonly<Record<string, CleanupHook>>;
  readonly cleanup?: CleanupOptions;
  /**
   * For stores that have neither `stamp` nor `watch`: how long an answer may rest on what was read, in
   * milliseconds. @default 1_000
   */
  readonly staleAfter?: number;
}

/** What the host provides. */
export interface ConsentHost extends Host {
  /** The wall clock. @default Date */
  readonly clock?: Clock;
  /** Waits before a cleanup is tried again. @default setTimeout */
  readonly sleep?: (ms: number) => PromiseLike<void>;
}

/** An answer that is written without a dialogue. */
export interface ConsentGrant {
  readonly purposeId: string;
  readonly conditions?: ConsentConditions;
}

/** How a person is erased. */
export interface EraseOptions {
  /** @default 'subject' */
  readonly requestedBy?: 'subject' | 'controller';
  /** Erase although data could not be deleted where they are held; the certificate says so. @default false */
  readonly force?: boolean;
  /** Erase also a record that does not open any more. @default false */
  readonly unreadable?: boolean;
}

const KIND: Kind = { domain: 'consent', free: (core, handle) => core.consentFree(handle) };

/** People of whom something is remembered because somebody asked. */
const MAX_PEOPLE = 10_000;

/** How often a write is tried when others write the same record. */
const MAX_ATTEMPTS = 200;

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
  readonly #store: ConsentStore;
  readonly #clock: Clock;
  readonly #sleep: (ms: number) => PromiseLike<void>;
  readonly #book: Resident;
  readonly #people = new Map<string, Person>();
  readonly #names = new Map<string, Person>();
  // Records that did not open when they were read last, by name.
  readonly #unreadable = new Map<string, VesperaSecurityError>();
  readonly #cleanups: Cleanups;
  readonly #ui: ConsentPrompt | undefined;
  readonly #userAgent: string | undefined;
  readonly #staleAfter: number;
  readonly #controller: ConsentController;
  readonly #changed = new Set<(event: ConsentChangeEvent) => void>();
  readonly #failed = new Set<(failure: CleanupReport & { readonly userId: string }) => void>();
  readonly #watcher: Disposable | undefined;
  #purposes: readonly ConsentPurpose[];

  private constructor(options: ConsentManagerOptions, host: ConsentHost, identity: Uint8Array) {
    const { purposes, controller, validity, proofRetention } = options;
    const config = plainCopy(
      'consent',
      { purposes, controller, validity, proofRetention },
      LIMITS.configuration.ceiling,
    ) as { purposes: ConsentPurpose[]; controller: ConsentController };
    this.#store = options.store;
    this.#clock = host.clock ?? Date;
    this.#sleep = host.sleep ?? wait;
    this.#cleanups = new Cleanups(options.cleanup ?? {}, this.#sleep);
    this.#ui = options.ui;
    this.#userAgent = options.userAgent;
    this.#staleAfter = options.staleAfter ?? 1_000;
    this.#purposes = JSON.parse(JSON.stringify(config.purposes));
    this.#controller = JSON.parse(JSON.stringify(config.controller));
    for (const [id, hook] of Object.entries(options.hooks ?? {})) this.#cleanups.add(id, hook);
    this.#book = new Resident(KIND, (core) => core.consentNew(config, this.#store.keyset, identity));
    this.#watcher =
      this.#store.sees === 'watch' ? this.#store.watch((name) => this.#outdate(name)) : undefined;
  }

  /**
   * Opens the store, reads everyone in it, and does what a former process left undone. Resolves when
   * `hasConsent` can be asked.
   * @throws VesperaSecurityError `ERR_CONFIG_INVALID`; `ERR_CRYPTO_OPEN_FAILED` and `ERR_CONSENT_KEY_LOST`
   * about the signing key. A person whose record does not open is refused everything: the error is in
   * `unreadable`, and thrown by every call but `hasConsent` that names the person.
   */
  static async open(options: ConsentManagerOptions, host: ConsentHost = {}): Promise<VesperaConsentManager> {
    const manager = new VesperaConsentManager(options, host, await options.store.identity());
    try {
      for (const name of await options.store.names()) {
        try {
          await manager.#load(name);
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
    return this.#call((core, book) => core.consentPublicKey(book));
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
    checkText('consent', userId, 512);
    checkText('consent', purposeId, 64);
    const book = this.#handleOrFault();
    if (book === undefined || (this.#people.size >= MAX_PEOPLE && !this.#people.has(userId))) return false;
    const person = this.#person(userId);
    if (!this.#isCurrent(person)) {
      this.#readInBackground(person);
      return false;
    }
    const { dataType, thirdParty } = use;
    return call((core) => core.consentHas(book, userId, purposeId, dataType, thirdParty, this.#now())) === 0;
  }

  /** Why `hasConsent` answers as it does. */
  explain(userId: string, purposeId: string, use: ConsentUse = {}): ConsentReason {
    checkText('consent', purposeId, 64);
    this.#readable(userId);
    return JSON.parse(
      this.#call((core, book) =>
        core.consentReason(book, userId, purposeId, use.dataType, use.thirdParty, this.#now()),
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
    const person = this.#readable(userId);
    if (!this.#isCurrent(person)) this.#readInBackground(person);
    return this.#records(userId);
  }

  /** Records that did not open when they were read last: the person's name in the store, and the error. */
  get unreadable(): readonly { readonly name: string; readonly error: VesperaSecurityError }[] {
    return [...this.#unreadable].map(([name, error]) => ({ name, error }));
  }

  /**
   * Reads a person's record again, so that `hasConsent` answers from what is in the store now.
   * @throws VesperaSecurityError `ERR_CONSENT_KEY_LOST`, `ERR_CONSENT_ROLLED_BACK`, `ERR_CRYPTO_OPEN_FAILED` if
   * the record does not open: nothing is then allowed
   */
  async refresh(userId: string): Promise<void> {
    await this.#load(this.#person(userId).name);
  }

  /**
   * Asks for what is missing or has materially changed, and for nothing else. Purposes that rest on another
   * legal basis are shown with it, and not asked for.
   * @param purposeIds the purposes; all that rest on consent if not given
   * @throws VesperaSecurityError `ERR_CONFIG_UNSUPPORTED` without a `ui`, `ERR_ARGUMENT_INVALID` for a purpose that
   * is not registered
   */
  async requestConsent(
    userId: string,
    purposeIds: readonly string[] = this.#purposes.map((purpose) => purpose.id),
    context?: unknown,
  ): Promise<ConsentRequestResult> {
    const person = this.#person(userId);
    // One dialogue at a time for each person: the second question may be answered by the first.
    return person.ask(async () => {
      await this.#load(person.name);
      const questions = this.#questions(userId, purposeIds);
      const asked = questions.map((question) => question.purpose.id);
      if (asked.length === 0) return { asked, granted: [], refused: [], deferred: [] };
      if (!this.#ui) {
        throw createError(
          'ERR_CONFIG_UNSUPPORTED',
          'consent: nobody can be asked without a ui, give one to open()',
        );
      }
      await this.#mutate(person, { command: 'request', purposes: asked });
      const withoutConsent = this.#purposes.filter(
        ({ id, legalBasis = 'consent' }) => legalBasis !== 'consent' && purposeIds.includes(id),
      );
      const request = { userId, controller: this.#controller, questions, withoutConsent, context };
      const answers = await this.#ui.ask(request);
      if (answers === undefined) {
        await this.#mutate(person, { command: 'defer', purposes: asked });
        return { asked, granted: [], refused: [], deferred: asked };
      }
      return { asked, ...(await this.#answer(person, asked, answers)), deferred: [] };
    });
  }

  async #answer(
    person: Person,
    asked: readonly string[],
    { granted, conditions = {}, notice, language }: ConsentAnswers,
  ): Promise<{ granted: string[]; refused: string[] }> {
    if (!Array.isArray(granted) || !granted.every((id) => asked.includes(id))) {
      throw createError('ERR_ARGUMENT_INVALID', 'consent: the dialogue may grant only what was asked');
    }
    const noticeHash = notice === undefined ? undefined : noticeHashOf(notice);
    const answers = asked.map((purposeId) => {
      const yes = granted.includes(purposeId);
      return { purposeId, granted: yes, ...(yes && { conditions: conditions[purposeId] }) };
    });
    const evidence = this.#evidence({ method: 'ui_interaction', language, noticeHash });
    await this.#mutate(person, { command: 'answer', answers, evidence });
    await this.#cleanUp(person);
    return { granted: [...granted], refused: asked.filter((id) => !granted.includes(id)) };
  }

  /** Writes a yes. @throws VesperaSecurityError `ERR_ARGUMENT_INVALID` for purposes that do not rest on consent */
  async grantConsent(
    userId: string,
    purposes: string | readonly (string | ConsentGrant)[],
    evidence: ConsentEvidence = {},
  ): Promise<void> {
    const grants = (typeof purposes === 'string' ? [purposes] : purposes).map((it) =>
      typeof it === 'string' ? { purposeId: it } : it,
    );
    const answers = grants.map(({ purposeId, conditions }) => ({ purposeId, conditions, granted: true }));
    const person = this.#person(userId);
    await this.#mutate(person, { command: 'answer', answers, evidence: this.#evidence(evidence) });
    // A withdrawal whose write had failed is overruled by a yes that was written after it.
    for (const blocked of person.takeBlocks()) this.#unblock(userId, blocked);
  }

  /** Writes a no; where there was a yes, that is a withdrawal. */
  async refuseConsent(
    userId: string,
    purposes: string | readonly string[],
    evidence: ConsentEvidence = {},
  ): Promise<void> {
    const ids = typeof purposes === 'string' ? [purposes] : purposes;
    const answers = ids.map((purposeId) => ({ purposeId, granted: false }));
    const person = this.#person(userId);
    await this.#mutate(person, { command: 'answer', answers, evidence: this.#evidence(evidence) });
    await this.#cleanUp(person);
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
    const ids = typeof purposes === 'string' ? [purposes] : purposes;
    const person = this.#person(userId);
    const blocked = ids && JSON.stringify(ids);
    this.#call((core, book) => core.consentBlock(book, userId, blocked));
    let moved: readonly ConsentMove[];
    try {
      const command = { command: 'withdraw', purposes: ids, evidence: this.#evidence(evidence) };
      moved = await this.#mutate(person, command);
    } catch (thrown) {
      // Not written, and still not allowed here: until it is written, or granted anew.
      if (isVesperaSecurityError(thrown) && thrown.code.startsWith('ERR_ARGUMENT'))
        this.#unblock(userId, blocked);
      else person.keepBlock(blocked);
      throw thrown;
    }
    this.#unblock(userId, blocked);
    const withdrawn = moved.filter(({ to }) => to === 'withdrawn').map(({ purposeId }) => purposeId);
    return { withdrawn, cleanup: await this.#cleanUp(person) };
  }

  /** Ends consents as the controller, for instance because a service ends. */
  async revokeConsent(userId: string, purposes?: readonly string[]): Promise<WithdrawalResult> {
    return this.#end(userId, { command: 'revoke', purposes }, 'revoked');
  }

  /** Declares consents invalid, for the past as for the future: the next `requestConsent` asks again. */
  async invalidateConsent(userId: string, purposes?: readonly string[]): Promise<WithdrawalResult> {
    return this.#end(userId, { command: 'invalidate', purposes }, 'invalidated');
  }

  async #end(userId: string, command: object, state: string): Promise<WithdrawalResult> {
    const person = this.#person(userId);
    const moved = await this.#mutate(person, command);
    const withdrawn = moved.filter(({ to }) => to === state).map(({ purposeId }) => purposeId);
    return { withdrawn, cleanup: await this.#cleanUp(person) };
  }

  /** Declares other purposes. Consents that do not cover them stop counting at once. */
  setPurposes(purposes: readonly ConsentPurpose[]): void {
    const plain = plainPurposes(purposes);
    this.#call((core, book) => core.consentDeclare(book, plain));
    this.#purposes = JSON.parse(JSON.stringify(plain));
  }

  /** Tells of every consent that moves, here or in another window. */
  onDidChangeConsent(listener: (event: ConsentChangeEvent) => void): Disposable {
    return subscribe(this.#changed, listener);
  }

  /** Says how to delete the data of a purpose; hooks run when a consent ends, when data are too old, on erasure. */
  onCleanup(purposeId: string, hook: CleanupHook): Disposable {
    return this.#cleanups.add(purposeId, hook);
  }

  /** Tells of cleanups that failed at every try. */
  onDidFailCleanup(listener: (failure: CleanupReport & { readonly userId: string }) => void): Disposable {
    return subscribe(this.#failed, listener);
  }

  /** Runs the cleanups that are still due: of one person, or of everyone who was read. */
  async resumeCleanup(userId?: string): Promise<readonly CleanupReport[]> {
    const people = userId === undefined ? [...this.#people.values()] : [this.#person(userId)];
    const reports: CleanupReport[] = [];
    for (const person of people)
      if (!this.#unreadable.has(person.name)) reports.push(...(await this.#cleanUp(person)));
    return reports;
  }

  /** Everything that is kept about a person: as data with a JSON Schema, or as a table. */
  async exportUserData(userId: string, format: 'csv'): Promise<string>;
  async exportUserData(userId: string, format?: 'json'): Promise<ConsentExport>;
  async exportUserData(userId: string, format: 'json' | 'csv' = 'json'): Promise<ConsentExport | string> {
    const { name } = this.#person(userId);
    const { record, key, anchor } = await this.#store.read(name);
    const text = this.#call((core, book) =>
      core.consentExport(
        book,
        this.#store.keyset,
        userId,
        record,
        key,
        anchor,
        format === 'csv',
        this.#now(),
      ),
    );
    return format === 'csv' ? text : JSON.parse(text);
  }

  /** The records of processing activities that GDPR article 30 asks for, drawn from the purposes. */
  recordsOfProcessing(format: 'csv'): string;
  recordsOfProcessing(format?: 'json'): ProcessingRegister;
  recordsOfProcessing(format: 'json' | 'csv' = 'json'): ProcessingRegister | string {
    const text = this.#call((core, book) => core.consentRegister(book, format === 'csv', this.#now()));
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
    options: { readonly form?: 'iso27560' | 'kantara'; readonly purposes?: readonly string[] } = {},
  ): Promise<SignedDocument> {
    await this.refresh(userId);
    const { form = 'iso27560', purposes } = options;
    const ids = purposes && JSON.stringify(purposes);
    const text = this.#call((core, book) =>
      core.consentReceipt(book, userId, form === 'kantara', ids, this.#now()),
    );
    return JSON.parse(text);
  }

  /**
   * Forgets a person: the cleanup hooks delete the data of every purpose, then the person's key is destroyed, and
   * with it every copy of what was sealed under it. What remains is the certificate, signed, without the user id.
   * @throws VesperaSecurityError `ERR_CONSENT_CLEANUP_FAILED` if data could not be deleted and `force` is not set:
   * consents are then withdrawn, and nothing is erased yet; `ERR_ARGUMENT_INVALID` if nothing is kept
   */
  async eraseUser(userId: string, options: EraseOptions = {}): Promise<ErasureCertificate> {
    return this.#erase(userId, { requestedBy: 'subject', ...options });
  }

  async #erase(
    userId: string,
    {
      requestedBy,
      force = false,
      unreadable = false,
    }: Omit<EraseOptions, 'requestedBy'> & { requestedBy: string },
  ): Promise<ErasureCertificate> {
    const person = this.#person(userId);
    if (!(await this.#store.read(person.name)).record) {
      throw createError('ERR_ARGUMENT_INVALID', 'consent: nothing is kept about this person');
    }
    this.#call((core, book) => core.consentBlock(book, userId, undefined));
    person.keepBlock(undefined);
    // What is over stays over, also if the erasure has to be tried again.
    if (requestedBy === 'subject' && !unreadable) await this.#mutate(person, { command: 'withdraw' });
    if (requestedBy === 'controller' && !unreadable) await this.#mutate(person, { command: 'revoke' });
    const incomplete: string[] = [];
    for (const purposeId of this.#cleanups.purposes) {
      const report = await this.#runHook({ userId, purposeId, reason: 'erasure' });
      if (report.status === 'failed') incomplete.push(purposeId);
    }
    if (incomplete.length > 0 && !force) {
      throw createError(
        'ERR_CONSENT_CLEANUP_FAILED',
        `consent: the data of ${incomplete.length} purposes could not be deleted, mend the hooks or use force`,
      );
    }
    const erasure = JSON.stringify({ requestedBy, incomplete, unreadable });
    return person.take(async () => {
      for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
        const entries = await this.#store.read(person.name);
        const { record, key, anchor } = entries;
        const [entry, certificate] = this.#call((core, book) =>
          core.consentErase(book, this.#store.keyset, userId, record, key, anchor, erasure, this.#now()),
        ) as [Uint8Array, string];
        const generation = generationOf(entry);
        if (!(await this.#store.write(person.name, entries, { record: entry }, generation))) {
          await this.#backOff(attempt);
          continue;
        }
        await this.#store.destroyKey(person.name, entries);
        await this.#load(person.name, 'here');
        for (const blocked of person.takeBlocks()) this.#unblock(userId, blocked);
        return JSON.parse(certificate);
      }
      throw conflict();
    });
  }

  /**
   * Does what time asks for: writes down what has expired, runs the cleanup hooks for data that are too old,
   * and forgets records whose proof is no longer needed. With `dryRun` it only says what is due.
   */
  async sweepRetention(options: { readonly dryRun?: boolean } = {}): Promise<RetentionReport> {
    const { dryRun = false } = options;
    const due: RetentionDue[] = [];
    const cleanup: (CleanupReport & { userId: string })[] = [];
    const erased: ErasureCertificate[] = [];
    for (const name of await this.#store.names()) {
      await this.#load(name);
      const person = this.#names.get(name);
      if (!person) continue; // an erasure
      const { userId } = person;
      const found: Omit<RetentionDue, 'userId'>[] = JSON.parse(
        this.#call((core, book) => core.consentDue(book, userId, this.#now())),
      );
      due.push(...found.map((it) => ({ userId, ...it })));
      if (dryRun || found.length === 0) continue;
      await this.#mutate(person, { command: 'expire' });
      for (const { duty, purposeId, reason = 'ended', before } of found) {
        if (duty !== 'delete_data') continue;
        const limit = reason === 'retention' ? before : undefined;
        cleanup.push({
          userId,
          ...(await this.#cleanOne(person, { userId, purposeId, reason, before: limit })),
        });
      }
      const records = found.filter(({ duty }) => duty === 'forget_record').map(({ recordId }) => recordId);
      if (records.length > 0) await this.#mutate(person, { command: 'forget', records });
      if (records.length > 0 && this.#records(userId).length === 0) {
        erased.push(await this.#erase(userId, { requestedBy: 'retention' }));
      }
    }
    return { dryRun, due, cleanup, erased };
  }

  /**
   * Seals data of a person for a purpose under the person's own key: they open only while the purpose is allowed,
   * for that person, purpose and id, and an erasure takes them along wherever they are.
   * @throws VesperaSecurityError `ERR_CONSENT_REQUIRED`, `ERR_CONSENT_KEY_LOST`, `ERR_INPUT_TOO_LARGE`
   */
  async sealData(userId: string, purposeId: string, id: string, data: Uint8Array): Promise<Uint8Array> {
    checkBytes('consent', data, LIMITS.record.ceiling);
    const key = await this.#dataKey(userId, purposeId, id);
    return this.#call((core, book) =>
      core.consentSealData(book, this.#store.keyset, userId, purposeId, id, key, data, this.#now()),
    );
  }

  /** Opens what `sealData` sealed. @throws VesperaSecurityError as `sealData`, and `ERR_CRYPTO_OPEN_FAILED` */
  async openData(userId: string, purposeId: string, id: string, sealed: Uint8Array): Promise<Uint8Array> {
    checkBytes('consent', sealed, LIMITS.record.ceiling + 1024 * 1024);
    const key = await this.#dataKey(userId, purposeId, id);
    return this.#call((core, book) =>
      core.consentOpenData(book, this.#store.keyset, userId, purposeId, id, key, sealed, this.#now()),
    );
  }

  async #dataKey(userId: string, purposeId: string, id: string): Promise<Uint8Array> {
    checkText('consent', purposeId, 64);
    checkText('consent', id, 1024);
    const person = this.#person(userId);
    const entries = await this.#load(person.name);
    if (!entries.key) {
      throw createError('ERR_CONSENT_REQUIRED', 'consent: this person has no key yet, ask for consent first');
    }
    return entries.key;
  }

  dispose(): void {
    this.#watcher?.dispose();
    this.#book.dispose();
    this.#people.clear();
    this.#names.clear();
    this.#changed.clear();
    this.#failed.clear();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  // ── What is read ──────────────────────────────────────────────────────────────────────────────────────────

  #person(userId: string): Person {
    const known = this.#people.get(userId);
    if (known) return known;
    const person = new Person(userId, this.#store.name(userId));
    this.#people.set(userId, person);
    this.#names.set(person.name, person);
    return person;
  }

  /** A person whose record opened when it was read last, or was never read. */
  #readable(userId: string): Person {
    const person = this.#person(userId);
    const failure = this.#unreadable.get(person.name);
    if (failure) throw failure;
    return person;
  }

  /** Whether what was read last of a person is what is in the store. */
  #isCurrent(person: Person): boolean {
    if (person.readAt === undefined || this.#unreadable.has(person.name)) return false;
    if (this.#store.sees === 'stamp') return this.#store.stamp(person.name) === person.stamp;
    if (this.#store.sees === 'watch') return true;
    const age = this.#now() - person.readAt;
    return age >= 0 && age < this.#staleAfter;
  }

  #outdate(name: string): void {
    const person = this.#names.get(name);
    if (person) person.readAt = undefined;
  }

  #readInBackground(person: Person): void {
    person.reading ??= this.#load(person.name)
      .then(() => {})
      .catch(() => {}) // kept in `unreadable`
      .finally(() => (person.reading = undefined));
  }

  /** Reads a person's entries into the view. If they do not open, nothing is allowed, and the error is thrown. */
  async #load(name: string, origin: ConsentChangeEvent['origin'] = 'elsewhere'): Promise<Entries> {
    for (let attempt = 0; ; attempt++) {
      try {
        const entries = await this.#store.read(name);
        await this.#show(name, entries, origin);
        return entries;
      } catch (thrown) {
        const failure = isVesperaSecurityError(thrown) ? thrown : storeFailure(thrown);
        // Another window may be between its record and its anchor: look again before crying wolf.
        if (failure.code === 'ERR_CONSENT_ROLLED_BACK' && attempt < 3) {
          await wait(20 * (attempt + 1));
          continue;
        }
        if (failure.code !== 'ERR_DISPOSED') this.#hide(name, failure);
        throw thrown;
      }
    }
  }

  /** Puts entries into the view, and tells what moved since the former ones. */
  async #show(name: string, entries: Entries, origin: ConsentChangeEvent['origin']): Promise<void> {
    const { record, key, anchor, stamp } = entries;
    const known = this.#names.get(name);
    const before = known?.loaded ? this.#records(known.userId) : [];
    const loaded: Loaded = JSON.parse(
      this.#call((core, book) => core.consentLoad(book, this.#store.keyset, name, record, key, anchor)),
    );
    this.#unreadable.delete(name);
    const person = known ?? (loaded.kind === 'document' ? this.#person(loaded.subject) : undefined);
    if (person) {
      const gone = before.map(({ purposeId, state }) => ({ purposeId, from: state, to: 'unknown' as const }));
      const changes = loaded.kind === 'document' ? loaded.moved : gone;
      const news = person.loaded && changes.length > 0;
      person.stamp = stamp;
      person.readAt = this.#now();
      person.loaded = true;
      if (news) this.#tell({ userId: person.userId, changes, origin });
    }
    if (loaded.kind === 'nothing') return;
    // What a process that was killed left undone.
    if (loaded.kind === 'erased' && loaded.keyRemains) await this.#store.destroyKey(name, entries);
    if (!(anchor >= loaded.generation)) await this.#store.advance(name, loaded.generation);
  }

  /** Takes a record that does not open out of the view. */
  #hide(name: string, failure: VesperaSecurityError): void {
    this.#unreadable.set(name, failure);
    const person = this.#names.get(name);
    if (person) this.#call((core, book) => core.consentForget(book, person.userId));
  }

  #records(userId: string): ConsentRecord[] {
    return JSON.parse(this.#call((core, book) => core.consentRecords(book, userId, this.#now())));
  }

  #questions(userId: string, purposeIds: readonly string[]): ConsentQuestion[] {
    const found: { purposeId: string; reason: ConsentReason; changes?: ConsentQuestion['changes'] }[] =
      JSON.parse(
        this.#call((core, book) =>
          core.consentQuestions(book, userId, JSON.stringify(purposeIds), this.#now()),
        ),
      );
    return found.map(({ purposeId, reason, changes = [] }) => {
      const purpose = this.#purposes.find((it) => it.id === purposeId);
      if (!purpose) throw createError('ERR_ARGUMENT_INVALID', 'consent: this purpose is not registered');
      return { purpose, reason, changes };
    });
  }

  // ── What is written ───────────────────────────────────────────────────────────────────────────────────────

  /** Applies a command to what is in the store, and again to what others wrote meanwhile, until it is written. */
  async #mutate(person: Person, command: object): Promise<readonly ConsentMove[]> {
    const text = JSON.stringify(command);
    return person.take(async () => {
      for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
        const entries = await this.#load(person.name);
        const { record, key, anchor } = entries;
        const { userId, name } = person;
        const [nextRecord, nextKey, told] = this.#call((core, book) =>
          core.consentApply(book, this.#store.keyset, userId, record, key, anchor, text, this.#now()),
        ) as [Uint8Array | undefined, Uint8Array | undefined, string];
        const { generation, moved }: { generation: number; moved: ConsentMove[] } = JSON.parse(told);
        if (!nextRecord) return moved;
        if (await this.#store.write(name, entries, { record: nextRecord, key: nextKey }, generation)) {
          await this.#load(name, 'here');
          return moved;
        }
        await this.#backOff(attempt);
      }
      throw conflict();
    });
  }

  // Spread out by chance, so that two windows do not meet again and again.
  async #backOff(attempt: number): Promise<void> {
    await wait(Math.random() * Math.min(50, 1 + attempt * 2));
  }

  #evidence(given: Record<keyof ConsentEvidence, unknown> | ConsentEvidence | object): object {
    return { userAgent: this.#userAgent, ...JSON.parse(JSON.stringify(given)) };
  }

  #unblock(userId: string, purposes: string | undefined): void {
    this.#call((core, book) => core.consentUnblock(book, userId, purposes));
  }

  // ── What is deleted elsewhere ─────────────────────────────────────────────────────────────────────────────

  /** Runs the cleanups that a person's records say are due. */
  async #cleanUp(person: Person): Promise<CleanupReport[]> {
    const { userId } = person;
    const due = this.#records(userId).filter((record) => record.cleanup !== undefined);
    const reports: CleanupReport[] = [];
    for (const { purposeId } of due) {
      reports.push(await this.#cleanOne(person, { userId, purposeId, reason: 'ended' }));
    }
    return reports;
  }

  async #cleanOne(person: Person, task: CleanupTask): Promise<CleanupReport> {
    const report = await this.#runHook(task);
    const { purposeId, before } = task;
    if (report.status === 'done') await this.#mutate(person, { command: 'cleaned', purposeId, before });
    return report;
  }

  async #runHook(task: CleanupTask): Promise<CleanupReport> {
    const report = await this.#cleanups.run(task);
    if (report.status === 'failed') {
      for (const listener of [...this.#failed]) tellOne(listener, { userId: task.userId, ...report });
    }
    return report;
  }

  // ── Around the core ───────────────────────────────────────────────────────────────────────────────────────

  #call<T>(work: (core: Core, book: number) => T): T {
    const { handle } = this.#book;
    return call((core) => work(core, handle));
  }

  /** The book's handle; `undefined` if it went down with the engine, when every decision is a refusal. */
  #handleOrFault(): number | undefined {
    try {
      return this.#book.handle;
    } catch (thrown) {
      if (isVesperaSecurityError(thrown) && thrown.code === 'ERR_ENGINE_FAULT') return undefined;
      throw thrown;
    }
  }

  #now(): number {
    return this.#clock.now();
  }

  #tell(event: ConsentChangeEvent): void {
    for (const listener of [...this.#changed]) tellOne(listener, event);
  }
}

type Loaded =
  | { readonly kind: 'nothing' }
  | {
      readonly kind: 'document';
      readonly subject: string;
      readonly generation: number;
      readonly moved: ConsentMove[];
    }
  | { readonly kind: 'erased'; readonly generation: number; readonly keyRemains: boolean };

// A listener that throws does not keep the others, or the write, from anything.
function tellOne<T>(listener: (event: T) => void, event: T): void {
  try {
    listener(event);
  } catch (thrown) {
    queueMicrotask(() => {
      throw thrown;
    });
  }
}

function subscribe<T>(listeners: Set<T>, listener: T): Disposable {
  listeners.add(listener);
  const dispose = (): void => void listeners.delete(listener);
  return { dispose, [Symbol.dispose]: dispose };
}

function noticeHashOf(notice: string): string {
  checkText('consent', notice, 64 * 1024);
  return call((core) => core.consentNoticeHash(notice));
}

/** The generation in an entry's header: `src/consent/sealed.rs`. */
function generationOf(entry: Uint8Array): number {
  return Number(new DataView(entry.buffer, entry.byteOffset).getBigUint64(2));
}

function conflict(): Error {
  return createError(
    'ERR_CONSENT_CONFLICT',
    'consent: others wrote the same record at every attempt, try again',
  );
}

function storeFailure(cause: unknown): VesperaSecurityError {
  return createError('ERR_STORE_FAILED', 'consent: the store could not be read', {}, { cause });
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => void setTimeout(resolve, ms));
}
