/**
 * The formats of `crypto`, read and written with node:crypto alone, from docs/formats/crypto.md and not from
 * the package: what opens here is what the document says.
 */
import { createCipheriv, createDecipheriv, createHmac, timingSafeEqual } from 'node:crypto';

const LABEL = 'c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM\0';
const CHUNK = 16 * 1024;
const TAG = 16;

/** HKDF-Expand with SHA-512 to 76 bytes: key, base nonce, commitment. */
export function derive(key, salt, context) {
  const block = (before, number) =>
    createHmac('sha512', key)
      .update(Buffer.concat([before, Buffer.from(LABEL), salt, context, Buffer.from([number])]))
      .digest();
  const first = block(Buffer.alloc(0), 1);
  const bytes = Buffer.concat([first, block(first, 2)]);
  return { key: bytes.subarray(0, 32), nonce: bytes.subarray(32, 44), commitment: bytes.subarray(44, 76) };
}

function chunkNonce(base, number) {
  const nonce = Buffer.from(base);
  nonce.writeUInt32BE((nonce.readUInt32BE(8) ^ number) >>> 0, 8);
  return nonce;
}

/** Opens a Cobblestone-256 message. */
export function openMessage(key, context, message) {
  const [salt, commitment, body] = [message.subarray(0, 24), message.subarray(24, 56), message.subarray(56)];
  const derived = derive(key, salt, context);
  if (!timingSafeEqual(derived.commitment, commitment)) throw new Error('another key or context');
  const plaintext = [];
  for (let number = 0, at = 0; ; number++, at += CHUNK + TAG) {
    const chunk = body.subarray(at, at + CHUNK + TAG);
    const decipher = createDecipheriv('aes-256-gcm', derived.key, chunkNonce(derived.nonce, number));
    decipher.setAuthTag(chunk.subarray(-TAG));
    plaintext.push(decipher.update(chunk.subarray(0, -TAG)), decipher.final());
    if (chunk.length < CHUNK + TAG) return Buffer.concat(plaintext);
  }
}

/** Seals a Cobblestone-256 message. */
export function sealMessage(key, context, salt, plaintext) {
  const derived = derive(key, salt, context);
  const parts = [salt, derived.commitment];
  for (let number = 0, at = 0; at <= plaintext.length; number++, at += CHUNK) {
    const cipher = createCipheriv('aes-256-gcm', derived.key, chunkNonce(derived.nonce, number));
    parts.push(cipher.update(plaintext.subarray(at, at + CHUNK)), cipher.final(), cipher.getAuthTag());
  }
  return Buffer.concat(parts);
}

const u32 = (number) => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(number);
  return bytes;
};

/** Counted parts, each behind its length. */
export function contextBytes(parts) {
  const bytes = parts.map((part) => Buffer.from(part));
  return Buffer.concat([Buffer.from([parts.length]), ...bytes.flatMap((part) => [u32(part.length), part])]);
}

/** What a record's message is bound to: its header, its kind (1 record, 2 data key, 3 signing key), its context. */
export function recordContext(id, kind, parts) {
  return Buffer.concat([Buffer.from([1]), u32(id), Buffer.from([kind]), contextBytes(parts)]);
}

/** Opens a record with the keys of `openExport` (id → key). */
export function openRecord(keys, parts, record, kind = 1) {
  const id = record.readUInt32BE(1);
  if (record[0] !== 1 || !keys.has(id)) throw new Error('another version or key');
  return openMessage(keys.get(id), recordContext(id, kind, parts), record.subarray(5));
}

/** Seals a record. */
export function sealRecord(id, key, parts, salt, plaintext) {
  return Buffer.concat([
    Buffer.from([1]),
    u32(id),
    sealMessage(key, recordContext(id, 1, parts), salt, plaintext),
  ]);
}

/** Opens an exported keyset with its key-encryption key, and reads the keys in it. */
export function openExport(kek, exported) {
  if (exported.toString('latin1', 0, 5) !== 'VSKS\x01') throw new Error('not an exported keyset');
  const fileKey = openMessage(kek, Buffer.from('vespera-security/keyset/1/kek'), exported.subarray(7, 111));
  const header = exported.subarray(0, exported[5] === 1 ? 111 : 244);
  const context = Buffer.concat([Buffer.from('vespera-security/keyset/1/keys'), header]);
  const inner = openMessage(fileKey, context, exported.subarray(header.length));
  let at = 0;
  const take = (length) => inner.subarray(at, (at += length));
  const generation = take(8).readBigUInt64BE();
  const rotationPeriod = take(8).readBigUInt64BE();
  const commitmentKey = take(32);
  if (take(1)[0] === 1) take(16 + 12 + 32);
  const keys = new Map();
  let primary;
  for (let left = take(2).readUInt16BE(); left > 0; left--) {
    const [id, [status]] = [take(4).readUInt32BE(), take(1)];
    take(16); // created, uses
    if (status === 0) primary = id;
    if (status !== 3) keys.set(id, take(32));
  }
  if (at !== inner.length) throw new Error('something behind the keys');
  return { generation, rotationPeriod, commitmentKey, keys, primary };
}

/** A commitment: HMAC-SHA-256 over the domain behind its length, and the value. */
export function commitment(key, domain, value) {
  return createHmac('sha256', key)
    .update(Buffer.concat([u32(Buffer.byteLength(domain)), Buffer.from(domain), Buffer.from(value)]))
    .digest();
}

/** Writes an exported keyset for a key-encryption key, whatever its keys say. */
export function sealExport(kek, salt, inner) {
  const fileKey = Buffer.alloc(32, 5);
  const wrapped = sealMessage(kek, Buffer.from('vespera-security/keyset/1/kek'), salt, fileKey);
  const header = Buffer.concat([Buffer.from('VSKS\x01\x01\x01', 'latin1'), wrapped]);
  const context = Buffer.concat([Buffer.from('vespera-security/keyset/1/keys'), header]);
  return Buffer.concat([header, sealMessage(fileKey, context, salt, inner)]);
}
