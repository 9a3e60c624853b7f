/**
 * The chunks of a long record, sealed and opened by the host's WebCrypto. The core derives the key and the
 * nonces, so that the bytes are the same as its own; the host has the processor's AES instructions.
 */
import { createError } from '../errors.js';
import { CHUNK, HEAD, TAG, openedLength, sealedLength } from './record.js';

const NONCE = 12;

/** How many chunks are on their way at once: bounds the memory of a long record. */
const AT_ONCE = 128;

/** Whether the host has what these functions need: a page without HTTPS has not. @internal */
export function hostCanSeal(): boolean {
  return typeof globalThis.crypto?.subtle?.importKey === 'function';
}

/**
 * Seals chunks behind the head that the core prepared: head, base nonce, key. The three are wiped.
 * @internal
 */
export async function sealWithHost(
  prepared: Uint8Array,
  plaintext: Uint8Array,
): Promise<Uint8Array<ArrayBuffer>> {
  const sealed = new Uint8Array(sealedLength(plaintext.length));
  sealed.set(prepared.subarray(0, HEAD));
  const cipher = await hostCipher(prepared.subarray(HEAD), 'encrypt');
  await eachChunk(Math.floor(plaintext.length / CHUNK) + 1, async (number) => {
    const chunk = plaintext.subarray(number * CHUNK, (number + 1) * CHUNK);
    sealed.set(await cipher(number, chunk), HEAD + number * (CHUNK + TAG));
  });
  return sealed;
}

/**
 * Opens the chunks of a record whose head the core verified: base nonce, key. The two are wiped.
 * @internal
 * @throws VesperaSecurityError `ERR_CRYPTO_OPEN_FAILED`
 */
export async function openWithHost(key: Uint8Array, sealed: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
  const cipher = await hostCipher(key, 'decrypt');
  const length = openedLength(sealed.length);
  if (length === undefined) throw refused();
  const plaintext = new Uint8Array(length);
  try {
    await eachChunk(Math.floor(length / CHUNK) + 1, async (number) => {
      const start = HEAD + number * (CHUNK + TAG);
      const chunk = sealed.subarray(start, start + CHUNK + TAG);
      plaintext.set(await cipher(number, chunk), number * CHUNK);
    });
  } catch {
    plaintext.fill(0);
    throw refused();
  }
  return plaintext;
}

type ChunkCipher = (number: number, chunk: Uint8Array) => Promise<Uint8Array>;

async function hostCipher(secret: Uint8Array, usage: 'encrypt' | 'decrypt'): Promise<ChunkCipher> {
  const { subtle } = globalThis.crypto;
  const base = secret.slice(0, NONCE);
  const raw = secret.subarray(NONCE) as Uint8Array<ArrayBuffer>;
  const importing = subtle.importKey('raw', raw, 'AES-GCM', false, [usage]);
  // importKey took its copy before it returned.
  secret.fill(0);
  const key = await importing;
  return async (number, chunk) => {
    const algorithm = { name: 'AES-GCM', iv: nonce(base, number), tagLength: 8 * TAG };
    // The host takes no shared memory: a copy of a shared chunk is not shared.
    const own = chunk.buffer instanceof ArrayBuffer ? chunk : chunk.slice();
    return new Uint8Array(await subtle[usage](algorithm, key, own as Uint8Array<ArrayBuffer>));
  };
}

/** The base nonce with a chunk's number XORed into its end. */
function nonce(base: Uint8Array<ArrayBuffer>, number: number): Uint8Array<ArrayBuffer> {
  const bytes = base.slice();
  const view = new DataView(bytes.buffer);
  view.setUint32(NONCE - 4, view.getUint32(NONCE - 4) ^ number);
  return bytes;
}

async function eachChunk(count: number, work: (number: number) => Promise<void>): Promise<void> {
  for (let start = 0; start < count; start += AT_ONCE) {
    const length = Math.min(AT_ONCE, count - start);
    await Promise.all(Array.from({ length }, (_, at) => work(start + at)));
  }
}

function refused(): Error {
  return createError(
    'ERR_CRYPTO_OPEN_FAILED',
    'crypto: the record does not open: it was sealed with another key or context, or changed',
  );
}
