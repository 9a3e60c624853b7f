/**
 * The chunks of a long record, sealed and opened by the host's cipher. The core derives the key and the nonces,
 * so that the bytes are the same as its own; the host has the processor's AES instructions.
 *
 * WebCrypto is everywhere, but takes a job for each chunk: in Node, four times as long as one job for all of
 * them. node:crypto takes half of that, so it is asked first where it is.
 */
import { createError } from '../errors.js';
import { CHUNK, HEAD, openedLength, sealedLength, TAG } from './record.js';

const NONCE = 12;

/** How many chunks are on their way at once, 2 MiB: bounds the memory, and how long the event loop waits. */
const AT_ONCE = 128;

/** Seals or opens a chunk into its place. */
type ChunkCipher = (number: number, chunk: Uint8Array, place: Uint8Array) => void | Promise<void>;

type Direction = 'seal' | 'open';

/** Whether the host has a cipher: a page without HTTPS has none. @internal */
export function hostCanSeal(): boolean {
  return nodeCrypto() !== undefined || typeof globalThis.crypto?.subtle?.importKey === 'function';
}

/**
 * Seals chunks behind the head that the core prepared: head, base nonce, key. The three are wiped.
 * @internal
 */
export async function sealWithHost(prepared: Uint8Array, plaintext: Uint8Array): Promise<Uint8Array> {
  const sealed = new Uint8Array(sealedLength(plaintext.length));
  sealed.set(prepared.subarray(0, HEAD));
  const cipher = await hostCipher(prepared.subarray(HEAD), 'seal');
  await eachChunk(Math.floor(plaintext.length / CHUNK) + 1, cipher, (number) => ({
    chunk: plaintext.subarray(number * CHUNK, (number + 1) * CHUNK),
    place: sealed.subarray(HEAD + number * (CHUNK + TAG)),
  }));
  return sealed;
}

/**
 * Opens the chunks of a record whose head the core verified: base nonce, key. The two are wiped.
 * @internal
 * @throws VesperaSecurityError `ERR_CRYPTO_OPEN_FAILED`
 */
export async function openWithHost(secret: Uint8Array, sealed: Uint8Array): Promise<Uint8Array> {
  const length = openedLength(sealed.length);
  const cipher = await hostCipher(secret, 'open');
  if (length === undefined) throw refused();
  const plaintext = new Uint8Array(length);
  try {
    await eachChunk(Math.floor(length / CHUNK) + 1, cipher, (number) => {
      const start = HEAD + number * (CHUNK + TAG);
      return {
        chunk: sealed.subarray(start, start + CHUNK + TAG),
        place: plaintext.subarray(number * CHUNK),
      };
    });
  } catch {
    plaintext.fill(0);
    throw refused();
  }
  return plaintext;
}

async function eachChunk(
  count: number,
  cipher: ChunkCipher,
  at: (number: number) => { readonly chunk: Uint8Array; readonly place: Uint8Array },
): Promise<void> {
  for (let start = 0; start < count; start += AT_ONCE) {
    if (start > 0) await othersFirst();
    const waiting: unknown[] = [];
    for (let number = start; number < Math.min(count, start + AT_ONCE); number++) {
      const { chunk, place } = at(number);
      waiting.push(cipher(number, chunk, place));
    }
    await Promise.all(waiting);
  }
}

/** Lets the event loop do what else there is. */
function othersFirst(): Promise<void> {
  const { setImmediate } = globalThis as { setImmediate?: (work: () => void) => void };
  return new Promise((resolve) => (setImmediate ? setImmediate(resolve) : setTimeout(resolve)));
}

async function hostCipher(secret: Uint8Array, direction: Direction): Promise<ChunkCipher> {
  const base = secret.slice(0, NONCE);
  const node = nodeCrypto();
  if (node) {
    const key = node.createSecretKey(secret.subarray(NONCE));
    secret.fill(0);
    return nodeCipher(node, key, base, direction);
  }
  const usage = direction === 'seal' ? 'encrypt' : 'decrypt';
  const { subtle } = globalThis.crypto;
  const raw = secret.subarray(NONCE) as Uint8Array<ArrayBuffer>;
  const importing = subtle.importKey('raw', raw, 'AES-GCM', false, [usage]);
  // importKey took its copy before it returned.
  secret.fill(0);
  const key = await importing;
  return async (number, chunk, place) => {
    const algorithm = { name: 'AES-GCM', iv: nonce(base, number), tagLength: 8 * TAG };
    // WebCrypto takes no shared memory: a copy of a shared chunk is not shared.
    const own = chunk.buffer instanceof ArrayBuffer ? chunk : chunk.slice();
    place.set(new Uint8Array(await subtle[usage](algorithm, key, own as Uint8Array<ArrayBuffer>)));
  };
}

function nodeCipher(node: NodeCrypto, key: object, base: Uint8Array, direction: Direction): ChunkCipher {
  if (direction === 'seal') {
    return (number, chunk, place) => {
      const cipher = node.createCipheriv('aes-256-gcm', key, nonce(base, number));
      place.set(cipher.update(chunk));
      cipher.final();
      place.set(cipher.getAuthTag(), chunk.length);
    };
  }
  const options = { authTagLength: TAG };
  return (number, chunk, place) => {
    const decipher = node.createDecipheriv('aes-256-gcm', key, nonce(base, number), options);
    decipher.setAuthTag(chunk.subarray(-TAG));
    place.set(decipher.update(chunk.subarray(0, -TAG)));
    decipher.final();
  };
}

/** The base nonce with a chunk's number XORed into its end. */
function nonce(base: Uint8Array, number: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(base);
  const view = new DataView(bytes.buffer);
  view.setUint32(NONCE - 4, view.getUint32(NONCE - 4) ^ number);
  return bytes;
}

/** The part of node:crypto that is used. */
interface NodeCrypto {
  createSecretKey(key: Uint8Array): object;
  createCipheriv(name: string, key: object, iv: Uint8Array): NodeCipher;
  createDecipheriv(name: string, key: object, iv: Uint8Array, options: object): NodeCipher;
}

interface NodeCipher {
  update(bytes: Uint8Array): Uint8Array;
  /** Throws if the tag of an opened chunk is another one. */
  final(): Uint8Array;
  getAuthTag(): Uint8Array;
  setAuthTag(tag: Uint8Array): unknown;
}

/** node:crypto where there is one, without an import that a bundler for the browser would have to resolve. */
function nodeCrypto(): NodeCrypto | undefined {
  const { process } = globalThis as {
    process?: { getBuiltinModule?: (name: string) => NodeCrypto | undefined };
  };
  return process?.getBuiltinModule?.('node:crypto');
}

function refused(): Error {
  return createError(
    'ERR_CRYPTO_OPEN_FAILED',
    'crypto: the record does not open: it was sealed with another key or context, or changed',
  );
}
