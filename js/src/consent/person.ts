/** What a manager knows of a person beside the record itself. */
export class Person {
  readonly userId: string;
  /** The person's name in the store. */
  readonly name: string;
  /** The record's mark when it was read last. */
  stamp: string | number | undefined;
  /** When the record was read last; `undefined` if never, or if it is known to be out of date. */
  readAt: number | undefined;
  /** Whether the record was ever read. */
  loaded = false;
  /** A reading in the background that is under way. */
  reading: Promise<void> | undefined;
  #writes: Promise<unknown> = Promise.resolve();
  #dialogues: Promise<unknown> = Promise.resolve();
  #blocks: (string | undefined)[] = [];

  constructor(userId: string, name: string) {
    this.userId = userId;
    this.name = name;
  }

  /** Waits for the writes before it, then works: writers of one manager take turns. */
  take<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#writes.then(work, work);
    this.#writes = mine.catch(() => {});
    return mine;
  }

  /** Waits for the dialogues before it, then asks. */
  ask<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#dialogues.then(work, work);
    this.#dialogues = mine.catch(() => {});
    return mine;
  }

  /** Remembers a block whose withdrawal could not be written. */
  keepBlock(purposes: string | undefined): void {
    this.#blocks.push(purposes);
  }

  /** The remembered blocks, to be taken back. */
  takeBlocks(): (string | undefined)[] {
    return this.#blocks.splice(0);
  }
}
