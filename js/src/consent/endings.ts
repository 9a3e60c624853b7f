/**
 * What follows when a consent is over: it stops counting before that is written, data are deleted where they are
 * held, and in the end the person is forgotten.
 */
import { createError, isVesperaSecurityError } from '../errors.js';
import { Emitter } from '../events.js';
import type { Cleanups } from './cleanup.js';
import type { EraseOptions } from './options.js';
import type { Person } from './person.js';
import type {
  CleanupReport,
  CleanupTask,
  ConsentMove,
  ErasureCertificate,
  RetentionDue,
  RetentionReport,
} from './types.js';
import type { ConsentView } from './view.js';

/** How a person is erased, by whom it may be. */
type Erasure = Omit<EraseOptions, 'requestedBy'> & { readonly requestedBy: string };

type Swept = {
  -readonly [K in keyof RetentionReport]: RetentionReport[K] extends readonly (infer T)[] ? T[] : boolean;
};

/** Ends consents of the people in one view. @internal */
export class Endings {
  /** Cleanups that failed at every try. */
  readonly failed = new Emitter<CleanupReport & { readonly userId: string }>();
  readonly #view: ConsentView;
  readonly #cleanups: Cleanups;
  // What is under way: a hook that ends the same consent, or erases the same person, must not start itself again.
  readonly #cleaning = new Set<string>();
  readonly #erasing = new Set<string>();

  constructor(view: ConsentView, cleanups: Cleanups) {
    this.#view = view;
    this.#cleanups = cleanups;
  }

  /** Lets consents not count from now on, and writes why. */
  async takeBack(
    person: Person,
    ids: readonly string[] | undefined,
    command: object,
  ): Promise<readonly ConsentMove[]> {
    const { userId } = person;
    const blocked = ids && JSON.stringify(ids);
    this.#view.call((core, book) => core.consentBlock(book, userId, blocked));
    try {
      const moved = await this.#view.mutate(person, command);
      this.#unblock(userId, blocked);
      return moved;
    } catch (thrown) {
      // Not written, and still not allowed here: until it is written. A call that made no sense changes nothing.
      const senseless = isVesperaSecurityError(thrown) && /^ERR_(ARGUMENT|CONFIG)_/.test(thrown.code);
      if (senseless) this.#unblock(userId, blocked);
      else person.keepBlock(blocked);
      throw thrown;
    }
  }

  /** Writes withdrawals whose write had failed: before a yes, or they would undo it. */
  async settle(person: Person): Promise<void> {
    const left = person.takeBlocks();
    try {
      while (left.length > 0) {
        const purposes = left[0] && JSON.parse(left[0]);
        await this.#view.mutate(person, { command: 'withdraw', purposes });
        this.#unblock(person.userId, left.shift());
      }
    } finally {
      for (const blocked of left) person.keepBlock(blocked);
    }
  }

  #unblock(userId: string, purposes: string | undefined): void {
    this.#view.call((core, book) => core.consentUnblock(book, userId, purposes));
  }

  /** Runs the cleanups that a person's records say are due. */
  async cleanUp(person: Person): Promise<CleanupReport[]> {
    const { userId } = person;
    const due = this.#view.records(userId).filter((record) => record.cleanup !== undefined);
    const reports: CleanupReport[] = [];
    for (const { purposeId } of due) {
      reports.push(await this.#cleanOne(person, { userId, purposeId, reason: 'ended' }));
    }
    return reports;
  }

  async #cleanOne(person: Person, task: CleanupTask): Promise<CleanupReport> {
    const { userId, purposeId, reason, before } = task;
    // A consent that was given and ended again meanwhile has data of its own to delete.
    const record = this.#view.records(userId).find((it) => it.purposeId === purposeId);
    const events = (record?.events.length ?? 0) + (record?.omittedEvents ?? 0);
    const mark = JSON.stringify([userId, purposeId, reason, events]);
    if (this.#cleaning.has(mark)) return { purposeId, status: 'running', attempts: 0 };
    this.#cleaning.add(mark);
    try {
      const report = await this.#runHook(task);
      if (report.status === 'done')
        await this.#view.mutate(person, { command: 'cleaned', purposeId, before });
      return report;
    } finally {
      this.#cleaning.delete(mark);
    }
  }

  async #runHook(task: CleanupTask): Promise<CleanupReport> {
    const report = await this.#cleanups.run(task);
    if (report.status === 'failed') this.failed.fire({ userId: task.userId, ...report });
    return report;
  }

  /** Deletes a person's data everywhere, and then the key of the record. */
  async erase(userId: string, erasure: Erasure): Promise<ErasureCertificate> {
    if (this.#erasing.has(userId))
      throw createError('ERR_CONSENT_CONFLICT', 'consent: an erasure of this person is under way already');
    this.#erasing.add(userId);
    try {
      return await this.#erase(userId, erasure);
    } finally {
      this.#erasing.delete(userId);
    }
  }

  async #erase(
    userId: string,
    { requestedBy, force = false, unreadable = false }: Erasure,
  ): Promise<ErasureCertificate> {
    const person = this.#view.person(userId);
    if (!(await this.#view.store.read(person.name)).record) {
      throw createError('ERR_ARGUMENT_INVALID', 'consent: nothing is kept about this person');
    }
    this.#view.call((core, book) => core.consentBlock(book, userId, undefined));
    person.keepBlock(undefined);
    // What is over stays over, also if the erasure has to be tried again.
    if (requestedBy === 'subject' && !unreadable) await this.#view.mutate(person, { command: 'withdraw' });
    if (requestedBy === 'controller' && !unreadable) await this.#view.mutate(person, { command: 'revoke' });
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
    const certificate = await this.#view.erase(person, { requestedBy, incomplete, unreadable });
    for (const blocked of person.takeBlocks()) this.#unblock(userId, blocked);
    return certificate;
  }

  /** Does, or only says, what time asks for. What fails for one person keeps nobody else waiting. */
  async sweep(dryRun: boolean): Promise<RetentionReport> {
    const report: Swept = { dryRun, due: [], cleanup: [], erased: [], failed: [] };
    for (const name of await this.#view.store.names()) {
      try {
        await this.#sweepOne(name, report);
      } catch (error) {
        report.failed.push({ name, error });
      }
    }
    return report;
  }

  async #sweepOne(name: string, { dryRun, due, cleanup, erased }: Swept): Promise<void> {
    await this.#view.load(name);
    const person = this.#view.named(name);
    if (!person) return; // an erasure
    const { userId } = person;
    const found: Omit<RetentionDue, 'userId'>[] = JSON.parse(
      this.#view.call((core, book, now) => core.consentDue(book, userId, now)),
    );
    due.push(...found.map((it) => ({ userId, ...it })));
    if (dryRun || found.length === 0) return;
    await this.#view.mutate(person, { command: 'expire' });
    for (const { duty, purposeId, reason = 'ended', before } of found) {
      if (duty !== 'delete_data') continue;
      const limit = reason === 'retention' ? before : undefined;
      const done = await this.#cleanOne(person, { userId, purposeId, reason, before: limit });
      cleanup.push({ userId, ...done });
    }
    const records = found.filter(({ duty }) => duty === 'forget_record').map(({ recordId }) => recordId);
    if (records.length === 0) return;
    await this.#view.mutate(person, { command: 'forget', records });
    if (this.#view.records(userId).length === 0) {
      erased.push(await this.erase(userId, { requestedBy: 'retention' }));
    }
  }
}
