/**
 * What is known of people: read from the store, put into the core's book, and written over what was read.
 *
 * The book decides (`src/consent/book.rs`); this file does the input and the output around it, and knows when
 * what the book answers from may be out of date.
 */
import { type Core, call } from '../engine/engine.js';
import { type Kind, Resident } from '../engine/resident.js';
import { createError, isVesperaSecurityError, type VesperaSecurityError } from '../errors.js';
import { Emitter } from '../events.js';
import type { Clock, Disposable } from '../types.js';
import { Person } from './person.js';
import type { ConsentStore, Entries } from './store.js';
import type { ConsentChangeEvent, ConsentMove, ConsentRecord, ErasureCertificate } from './types.js';

const KIND: Kind = { domain: 'consent', free: (core, handle) => core.consentFree(handle) };

/** People of whom something is remembered because somebody asked. */
const MAX_PEOPLE = 10_000;

/** How often a write is tried when others write the same record. */
const MAX_ATTEMPTS = 200;

/** What the core found in the entries that it was shown. */
type Loaded =
  | { readonly kind: 'nothing' }
  | {
      readonly kind: 'document';
      readonly subject: string;
      readonly generation: number;
      readonly moved: ConsentMove[];
    }
  | { readonly kind: 'erased'; readonly generation: number; readonly keyRemains: boolean };

/** The people of one store, as one manager knows them. @internal */
export class ConsentView {
  readonly changed = new Emitter<ConsentChangeEvent>();
  readonly store: ConsentStore;
  readonly #clock: Clock;
  readonly #staleAfter: number;
  readonly #book: Resident;
  readonly #people = new Map<string, Person>();
  readonly #names = new Map<string, Person>();
  // Records that did not open when they were read last, by name.
  readonly #unreadable = new Map<string, VesperaSecurityError>();
  readonly #watcher: Disposable | undefined;

  constructor(store: ConsentStore, config: object, identity: Uint8Array, clock: Clock, staleAfter: number) {
    this.store = store;
    this.#clock = clock;
    this.#staleAfter = staleAfter;
    const { keyset } = store;
    this.#book = new Resident(KIND, (core) => core.consentNew(config, keyset, identity));
    this.#watcher = store.sees === 'watch' ? store.watch((name) => this.#outdate(name)) : undefined;
  }

  /** Calls the core with the book. */
  call<T>(work: (core: Core, book: number, now: number) => T): T {
    // Before the call: a clock that throws must not look like a core that stopped.
    const now = this.#clock.now();
    const { handle } = this.#book;
    return call((core) => work(core, handle, now));
  }

  /** Whether the book went down with the engine: then every decision is a refusal. */
  get isLost(): boolean {
    try {
      return this.#book.handle < 0;
    } catch (thrown) {
      if (isVesperaSecurityError(thrown) && thrown.code === 'ERR_ENGINE_FAULT') return true;
      throw thrown;
    }
  }

  get people(): Iterable<Person> {
    return this.#people.values();
  }

  get unreadable(): ReadonlyMap<string, VesperaSecurityError> {
    return this.#unreadable;
  }

  /** The person of a name that was read. */
  named(name: string): Person | undefined {
    return this.#names.get(name);
  }

  person(userId: string): Person {
    const known = this.#people.get(userId);
    if (known) return known;
    const person = new Person(userId, this.store.name(userId));
    this.#people.set(userId, person);
    this.#names.set(person.name, person);
    return person;
  }

  /** A person somebody asks about; `undefined` for a stranger when there are too many of them to remember. */
  asked(userId: string): Person | undefined {
    const full = this.#people.size >= MAX_PEOPLE && !this.#people.has(userId);
    return full ? undefined : this.person(userId);
  }

  /** A person whose record opened when it was read last, or was never read. */
  readable(userId: string): Person {
    const person = this.person(userId);
    const failure = this.#unreadable.get(person.name);
    if (failure) throw failure;
    return person;
  }

  /** The records of a person, in the states they have now. */
  records(userId: string): ConsentRecord[] {
    return JSON.parse(this.call((core, book, now) => core.consentRecords(book, userId, now)));
  }

  /** Whether what was read last of a person is what is in the store; if not, it is read in the background. */
  isCurrent(person: Person): boolean {
    if (this.#isFresh(person)) return true;
    person.reading ??= this.load(person.name)
      .then(() => {})
      .catch(() => {}) // kept in `unreadable`
      .finally(() => (person.reading = undefined));
    return false;
  }

  #isFresh(person: Person): boolean {
    if (person.readAt === undefined || this.#unreadable.has(person.name)) return false;
    if (this.store.sees === 'stamp') return this.#isStamped(person);
    if (this.store.sees === 'watch') return true;
    const age = this.#clock.now() - person.readAt;
    return age >= 0 && age < this.#staleAfter;
  }

  /** Whether the store's mark is still that of what was read. A store that cannot say so is read, and then says why. */
  #isStamped({ name, stamp }: Person): boolean {
    try {
      return this.store.stamp(name) === stamp;
    } catch {
      return false;
    }
  }

  #outdate(name: string): void {
    const person = this.#names.get(name);
    if (person) person.readAt = undefined;
  }

  /** Reads a person's entries into the book. If they do not open, nothing is allowed, and the error is thrown. */
  async load(name: string, origin: ConsentChangeEvent['origin'] = 'elsewhere'): Promise<Entries> {
    for (let attempt = 0; ; attempt++) {
      try {
        const entries = await this.store.read(name);
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
        throw failure;
      }
    }
  }

  /** Puts entries into the book, and tells what moved since the former ones. */
  async #show(name: string, entries: Entries, origin: ConsentChangeEvent['origin']): Promise<void> {
    const { record, key, anchor, stamp } = entries;
    const known = this.#names.get(name);
    const before = known?.loaded ? this.records(known.userId) : [];
    const loaded: Loaded = JSON.parse(
      this.call((core, book) => core.consentLoad(book, this.store.keyset, name, record, key, anchor)),
    );
    this.#unreadable.delete(name);
    const person = known ?? (loaded.kind === 'document' ? this.person(loaded.subject) : undefined);
    if (person) {
      const gone = before.map(({ purposeId, state }) => ({ purposeId, from: state, to: 'unknown' as const }));
      const changes = loaded.kind === 'document' ? loaded.moved : gone;
      const news = person.loaded && changes.length > 0;
      person.stamp = stamp;
      person.readAt = this.#clock.now();
      person.loaded = true;
      if (news) this.changed.fire({ userId: person.userId, changes, origin });
    }
    if (loaded.kind === 'nothing') return;
    // What a process that was killed left undone.
    if (loaded.kind === 'erased' && loaded.keyRemains) await this.store.destroyKey(name, entries);
    if (!(anchor >= loaded.generation)) await this.store.advance(name, loaded.generation);
  }

  /** Takes a record that does not open out of the book. */
  #hide(name: string, failure: VesperaSecurityError): void {
    this.#unreadable.set(name, failure);
    const person = this.#names.get(name);
    if (person) this.call((core, book) => core.consentForget(book, person.userId));
  }

  /** Applies a command to what is in the store, and again to what others wrote meanwhile, until it is written. */
  async mutate(person: Person, command: object): Promise<readonly ConsentMove[]> {
    const text = JSON.stringify(command);
    const { userId, name } = person;
    return this.#write(person, async () => {
      const entries = await this.load(name);
      const { record, key, anchor } = entries;
      const [nextRecord, nextKey, told] = this.call((core, book, now) =>
        core.consentApply(book, this.store.keyset, userId, record, key, anchor, text, now),
      ) as [Uint8Array | undefined, Uint8Array | undefined, string];
      const { generation, moved }: { generation: number; moved: ConsentMove[] } = JSON.parse(told);
      if (!nextRecord) return moved;
      if (!(await this.store.write(name, entries, { record: nextRecord, key: nextKey }, generation))) {
        return undefined;
      }
      await this.load(name, 'here');
      return moved;
    });
  }

  /** Puts an erasure in the place of a person's record, and destroys the key. */
  async erase(person: Person, erasure: object): Promise<ErasureCertificate> {
    const text = JSON.stringify(erasure);
    const { userId, name } = person;
    return this.#write(person, async () => {
      const entries = await this.store.read(name);
      const { record, key, anchor } = entries;
      const [entry, certificate] = this.call((core, book, now) =>
        core.consentErase(book, this.store.keyset, userId, record, key, anchor, text, now),
      ) as [Uint8Array, string];
      if (!(await this.store.write(name, entries, { record: entry }, generationOf(entry)))) return undefined;
      await this.store.destroyKey(name, entries);
      await this.load(name, 'here');
      return JSON.parse(certificate);
    });
  }

  /** Tries until it is written: `undefined` means that someone else wrote in between. */
  #write<T>(person: Person, attempt: () => Promise<T | undefined>): Promise<T> {
    return person.take(async () => {
      for (let tries = 0; tries < MAX_ATTEMPTS; tries++) {
        const answer = await attempt();
        if (answer !== undefined) return answer;
        // Spread out by chance, so that two windows do not meet again and again.
        await wait(Math.random() * Math.min(50, 1 + tries * 2));
      }
      throw createError(
        'ERR_CONSENT_CONFLICT',
        'consent: others wrote the same record at every attempt, try again',
      );
    });
  }

  dispose(): void {
    this.#watcher?.dispose();
    this.#book.dispose();
    this.#people.clear();
    this.#names.clear();
  }
}

/** The generation in an entry's header: `src/consent/sealed.rs`. */
function generationOf(entry: Uint8Array): number {
  return Number(new DataView(entry.buffer, entry.byteOffset).getBigUint64(2));
}

function storeFailure(cause: unknown): VesperaSecurityError {
  return createError('ERR_STORE_FAILED', 'consent: the store could not be read', {}, { cause });
}

/** Waits, on every host. @internal */
export function wait(ms: number): Promise<void> {
  return new Promise((resolve) => void setTimeout(resolve, ms));
}
