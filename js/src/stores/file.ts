/**
 * Bytes by key in files, for several processes at once.
 *
 * A key is a folder, and its value the one file in it, named by its version: `<folder>/<key>/<version>`. A writer
 * puts the new value into a temporary file, syncs it, and gives it the next version's name by `link`, which
 * refuses a name that is taken: of two writers exactly one gets it, without any lock that a killed process could
 * leave behind. Then it removes the former one. At any moment a reader finds the former value or the new one,
 * whole; after a crash in between it finds both and takes the later.
 *
 * | bytes | what |
 * |---|---|
 * | 1 | version of this form, 1 |
 * | 1 | 0: the key was removed · 1: a value follows |
 * | 1 | how many ids follow, 1 to 16 |
 * | 8 each | random ids: of this write, then of those before it, newest first |
 * | rest | the value |
 *
 * The ids tell a writer that was overtaken which case it is in: a later version that descends from its own was
 * written after it; any other means that its version's name was free only because it had come and gone.
 */
import { requireMethods, requireObject } from '../engine/configuration.js';
import { createError } from '../errors.js';
import { checkKey, checkValue, sameBytes } from './values.js';
import type { KeyValueStore } from './store.js';

/** The parts of `node:fs` that are used; the default is Node's own. */
export interface FileSystem {
  statSync(path: string, options: { throwIfNoEntry: false }): object | undefined;
  readonly promises: {
    mkdir(path: string, options: { recursive: true; mode: number }): Promise<unknown>;
    readdir(path: string): Promise<string[]>;
    readFile(path: string): Promise<Uint8Array>;
    lstat(path: string): Promise<FileStatus>;
    link(from: string, to: string): Promise<void>;
    unlink(path: string): Promise<void>;
    open(path: string, flags: string, mode?: number): Promise<FileHandle>;
  };
}

/** What a file is, without following a link. */
export interface FileStatus {
  readonly mtimeMs: number;
  readonly size: number;
  isFile(): boolean;
}

/** An open file. */
export interface FileHandle {
  writeFile(data: Uint8Array): Promise<void>;
  sync(): Promise<void>;
  close(): Promise<void>;
}

/** How a `FileStore` works. */
export interface FileStoreOptions {
  /** @default Node's `node:fs` */
  readonly fs?: FileSystem;
  /** The largest value, in bytes. @default 4_194_304 */
  readonly limit?: number;
}

interface Current {
  readonly version: number;
  /** The ids of this write and of those before it, as hexadecimal digits. */
  readonly ids: readonly string[];
  /** `undefined` if the version says that the key was removed. */
  readonly value: Uint8Array | undefined;
}

/** A temporary file that is older belongs to a process that is gone. */
const LEFT_BEHIND_MS = 60_000;
/** How often a reader looks again when the file it found is already replaced. */
const MAX_LOOKS = 100;

const FORM = 1;
const DEFAULT_LIMIT = 4 * 1024 * 1024;
const ID_BYTES = 8;
const MAX_IDS = 16;
/** A writer's temporary file. What others put into the folder is not ours to remove. */
const TEMPORARY = /^[0-9a-f]{16}\.tmp$/;
const HEADER = 3 + MAX_IDS * ID_BYTES;

/**
 * A store in a folder. Windows and processes on the same folder see each other's writes at once, and lose none.
 *
 * @example
 * const storage = new FileStore(context.globalStorageUri.fsPath + '/consent');
 */
export class FileStore implements KeyValueStore {
  readonly #folder: string;
  readonly #fs: FileSystem;
  readonly #limit: number;
  // The version that was last seen of each key: `stamp` asks whether its file is still there.
  readonly #seen = new Map<string, number>();

  /** @throws VesperaSecurityError `ERR_CONFIG_UNSUPPORTED` where there is no file system */
  constructor(folder: string, options: FileStoreOptions = {}) {
    if (typeof folder !== 'string' || folder === '') {
      throw createError('ERR_CONFIG_INVALID', 'stores: the folder must be a path');
    }
    requireObject('stores: the options of files', options, ['fs', 'limit']);
    const { fs, limit = DEFAULT_LIMIT } = options;
    if (fs !== undefined) requireMethods('stores: fs', fs, 'statSync');
    if (!(Number.isSafeInteger(limit) && limit >= 1))
      throw createError('ERR_CONFIG_INVALID', 'stores: limit must be a whole number of bytes from 1');
    this.#folder = folder.replace(/[\\/]+$/, '');
    this.#fs = fs ?? nodeFileSystem();
    this.#limit = limit;
  }

  async get(key: string): Promise<Uint8Array | undefined> {
    return (await this.#read(key))?.value;
  }

  async read(key: string): Promise<{ value: Uint8Array | undefined; stamp: number | undefined }> {
    const current = await this.#read(key);
    return { value: current?.value, stamp: current?.version };
  }

  async set(key: string, value: Uint8Array): Promise<void> {
    checkValue(value);
    for (let look = 0; look < MAX_LOOKS; look++) {
      if (await this.#write(key, await this.#read(key), value)) return;
    }
    throw createError('ERR_STORE_FAILED', 'stores: others write the same key without a pause, try again');
  }

  async compareAndSet(key: string, expected: Uint8Array | undefined, value: Uint8Array): Promise<boolean> {
    checkValue(value);
    const current = await this.#read(key);
    return sameBytes(current?.value, expected) && this.#write(key, current, value);
  }

  async delete(key: string): Promise<void> {
    for (let look = 0; look < MAX_LOOKS; look++) {
      const current = await this.#read(key);
      if (current?.value === undefined) return;
      if (await this.#write(key, current, undefined)) return;
    }
    throw createError('ERR_STORE_FAILED', 'stores: others write the same key without a pause, try again');
  }

  async keys(): Promise<string[]> {
    const found: string[] = [];
    for (const key of (await this.#list(this.#folder)).sort())
      if (isKey(key) && (await this.#holds(key))) found.push(key);
    return found;
  }

  /** Whether a key holds something; what cannot be read is something. */
  async #holds(key: string): Promise<boolean> {
    try {
      return (await this.#read(key))?.value !== undefined;
    } catch (thrown) {
      if (codeOf(thrown) === 'ERR_STORE_FAILED') return true;
      throw thrown;
    }
  }

  /** The version that was read last, as long as its file is there, else NaN: one `statSync`. */
  stamp(key: string): number | undefined {
    checkKey(key);
    const version = this.#seen.get(key);
    const there = (path: string): boolean => this.#fs.statSync(path, { throwIfNoEntry: false }) !== undefined;
    if (version === undefined) return there(this.#path(key)) ? Number.NaN : undefined;
    return there(this.#path(key, version)) ? version : Number.NaN;
  }

  #path(key: string, ...rest: (string | number)[]): string {
    return [this.#folder, key, ...rest].join('/');
  }

  /** The latest version and its value; `undefined` if the key was never written. */
  async #read(key: string): Promise<Current | undefined> {
    checkKey(key);
    for (let look = 0; look < MAX_LOOKS; look++) {
      const version = Math.max(...(await this.#versions(key)));
      if (version < 0) return this.#remember(key, undefined);
      try {
        const path = this.#path(key, version);
        const status = await this.#fs.promises.lstat(path);
        // A link or a device could lead anywhere, or never end.
        if (!status.isFile()) throw foreign();
        if (status.size > this.#limit + HEADER) throw tooLarge(this.#limit);
        return this.#remember(key, parse(version, await this.#fs.promises.readFile(path)));
      } catch (thrown) {
        // A file that went away was replaced meanwhile: look again.
        if (codeOf(thrown) !== 'ENOENT') throw failed('read', thrown);
      }
    }
    throw createError('ERR_STORE_FAILED', 'stores: others write the same key without a pause, try again');
  }

  #remember(key: string, current: Current | undefined): Current | undefined {
    if (current) this.#seen.set(key, current.version);
    else this.#seen.delete(key);
    return current;
  }

  /** Writes the version after `current`, unless someone else did. No value means that the key is removed. */
  async #write(key: string, current: Current | undefined, value: Uint8Array | undefined): Promise<boolean> {
    if (value && value.length > this.#limit) throw tooLarge(this.#limit);
    const version = (current?.version ?? 0) + 1;
    const id = randomId();
    const path = this.#path(key, version);
    try {
      if (!current) await this.#fs.promises.mkdir(this.#path(key), { recursive: true, mode: 0o700 });
      if (!(await this.#publish(key, id, path, compose([id, ...(current?.ids ?? [])], value)))) return false;
      const versions = await this.#versions(key);
      if (Math.max(...versions) > version) {
        const latest = await this.#read(key);
        if (latest?.ids.includes(id)) return true;
        await this.#remove(path);
        return false;
      }
      // The new name is on the disk before the former one goes, and so is the name of a new folder.
      await this.#syncFolder(this.#path(key));
      if (!current) await this.#syncFolder(this.#folder);
      for (const former of versions) {
        if (former >= 0 && former < version) await this.#remove(this.#path(key, former));
      }
      if (current) await this.#syncFolder(this.#path(key));
      this.#seen.set(key, version);
      return true;
    } catch (thrown) {
      throw failed('write', thrown);
    }
  }

  /** Puts a whole, synced file under a name; answers false if the name is taken. */
  async #publish(key: string, id: string, path: string, bytes: Uint8Array): Promise<boolean> {
    const temporary = this.#path(key, `${id}.tmp`);
    const file = await this.#fs.promises.open(temporary, 'wx', 0o600);
    try {
      try {
        await file.writeFile(bytes);
        await file.sync();
      } finally {
        await file.close();
      }
      await this.#fs.promises.link(temporary, path);
      return true;
    } catch (thrown) {
      if (codeOf(thrown) === 'EEXIST') return false;
      throw thrown;
    } finally {
      await this.#remove(temporary);
    }
  }

  /** The versions of a key that have a file; `[-1]` if there are none. Takes away what killed writers left. */
  async #versions(key: string): Promise<number[]> {
    const names = await this.#list(this.#path(key));
    for (const name of names) if (TEMPORARY.test(name)) await this.#sweep(this.#path(key, name));
    return [-1, ...names.filter((name) => /^[1-9]\d{0,14}$/.test(name)).map(Number)];
  }

  async #sweep(path: string): Promise<void> {
    try {
      const { mtimeMs } = await this.#fs.promises.lstat(path);
      if (Date.now() - mtimeMs > LEFT_BEHIND_MS) await this.#remove(path);
    } catch (thrown) {
      if (codeOf(thrown) !== 'ENOENT') throw failed('read', thrown);
    }
  }

  async #list(folder: string): Promise<string[]> {
    try {
      return await this.#fs.promises.readdir(folder);
    } catch (thrown) {
      if (codeOf(thrown) === 'ENOENT' || codeOf(thrown) === 'ENOTDIR') return [];
      throw failed('read', thrown);
    }
  }

  async #remove(path: string): Promise<void> {
    try {
      await this.#fs.promises.unlink(path);
    } catch (thrown) {
      if (codeOf(thrown) !== 'ENOENT') throw thrown;
    }
  }

  // Windows has no such thing as syncing a folder.
  async #syncFolder(folder: string): Promise<void> {
    try {
      const handle = await this.#fs.promises.open(folder, 'r');
      try {
        await handle.sync();
      } finally {
        await handle.close();
      }
    } catch (thrown) {
      if (!['EPERM', 'EISDIR', 'EACCES', 'EINVAL', 'ENOTSUP'].includes(codeOf(thrown) ?? '')) throw thrown;
    }
  }
}

function isKey(name: string): boolean {
  try {
    checkKey(name);
    return true;
  } catch {
    return false;
  }
}

function nodeFileSystem(): FileSystem {
  // Not imported: this file is also part of what a browser loads.
  const fs = hostProcess()?.getBuiltinModule?.('node:fs');
  if (!fs) {
    throw createError('ERR_CONFIG_UNSUPPORTED', 'stores: there is no file system here, use another store');
  }
  return fs as FileSystem;
}

function randomId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(ID_BYTES));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function compose(ids: readonly string[], value: Uint8Array | undefined): Uint8Array {
  const kept = ids.slice(0, MAX_IDS);
  const bytes = new Uint8Array(3 + kept.length * ID_BYTES + (value?.length ?? 0));
  bytes.set([FORM, value ? 1 : 0, kept.length]);
  const digits = kept.join('').match(/../g) ?? [];
  bytes.set(
    digits.map((pair) => Number.parseInt(pair, 16)),
    3,
  );
  if (value) bytes.set(value, 3 + digits.length);
  return bytes;
}

function parse(version: number, bytes: Uint8Array): Current {
  const [form, holds, count = 0] = bytes;
  const start = 3 + count * ID_BYTES;
  const whole = form === FORM && (holds === 0 || holds === 1) && count >= 1 && count <= MAX_IDS;
  if (!whole || bytes.length < start || (holds === 0 && bytes.length > start)) {
    throw foreign();
  }
  const digits = Array.from(bytes.subarray(3, start), (byte) => byte.toString(16).padStart(2, '0')).join('');
  const ids = digits.match(/.{16}/g) ?? [];
  return { version, ids, value: holds ? new Uint8Array(bytes.subarray(start)) : undefined };
}

interface HostProcess {
  getBuiltinModule?(name: string): unknown;
}

function hostProcess(): HostProcess | undefined {
  return (globalThis as { process?: HostProcess }).process;
}

function codeOf(thrown: unknown): string | undefined {
  return thrown instanceof Error ? (thrown as { code?: string }).code : undefined;
}

function foreign(): Error {
  return createError('ERR_STORE_FAILED', 'stores: the file is not one that this store wrote');
}

function tooLarge(limit: number): Error {
  return createError('ERR_INPUT_TOO_LARGE', `stores: a value may have ${limit} bytes`, { limit });
}

// The cause keeps the path; the message does not, because a path names a person.
function failed(what: string, cause: unknown): Error {
  if (codeOf(cause)?.startsWith('ERR_STORE') || codeOf(cause) === 'ERR_INPUT_TOO_LARGE')
    return cause as Error;
  const code = codeOf(cause) ?? 'unknown';
  return createError(
    'ERR_STORE_FAILED',
    `stores: the file could not be ${what === 'read' ? 'read' : 'written'} (${code})`,
    {},
    { cause },
  );
}
