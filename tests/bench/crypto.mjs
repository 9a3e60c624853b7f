/** Sealing, with a fresh nonce each time and the context bound. The peers derive no key for each record. */
import { gcm } from '@noble/ciphers/aes';
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

const { subtle } = globalThis.crypto;
const CONTEXT = 'consent/1|17|ada|backup';
const aad = new TextEncoder().encode(CONTEXT);

const fresh = () => globalThis.crypto.getRandomValues(new Uint8Array(12));

export default async ({ Keyset }) => {
  const keyset = Keyset.generate({ maxRecordBytes: 2 ** 26 });
  const raw = randomBytes(32);
  const key = await subtle.importKey('raw', raw, 'AES-GCM', false, ['encrypt', 'decrypt']);

  const hostSeal = async (plaintext) => {
    const iv = fresh();
    return [iv, await subtle.encrypt({ name: 'AES-GCM', iv, additionalData: aad }, key, plaintext)];
  };
  const hostOpen = ([iv, sealed]) =>
    subtle.decrypt({ name: 'AES-GCM', iv, additionalData: aad }, key, sealed);
  const nobleSeal = (plaintext) => {
    const iv = fresh();
    return [iv, gcm(raw, iv, aad).encrypt(plaintext)];
  };
  const nobleOpen = ([iv, sealed]) => gcm(raw, iv, aad).decrypt(sealed);
  const nodeSeal = (plaintext) => {
    const iv = fresh();
    const cipher = createCipheriv('aes-256-gcm', raw, iv).setAAD(aad);
    return [iv, Buffer.concat([cipher.update(plaintext), cipher.final()]), cipher.getAuthTag()];
  };
  const nodeOpen = ([iv, sealed, tag]) => {
    const decipher = createDecipheriv('aes-256-gcm', raw, iv).setAAD(aad).setAuthTag(tag);
    return Buffer.concat([decipher.update(sealed), decipher.final()]);
  };

  const small = [512, 4096].map((bytes) => {
    const plaintext = randomBytes(bytes);
    return {
      name: `crypto: seal and open ${bytes} B`,
      bytes: 2 * bytes,
      contenders: {
        'vespera-security': () => keyset.open(keyset.seal(plaintext, CONTEXT), CONTEXT),
        WebCrypto: async () => hostOpen(await hostSeal(plaintext)),
        '@noble/ciphers': () => nobleOpen(nobleSeal(plaintext)),
        'node:crypto': () => nodeOpen(nodeSeal(plaintext)),
      },
      goals: bytes === 512 ? { WebCrypto: { atLeast: 1 }, '@noble/ciphers': { atLeast: 1.5 } } : {},
    };
  });
  const long = randomBytes(2 ** 20);
  const ours = await keyset.sealAsync(long, CONTEXT);
  const theirs = await hostSeal(long);
  return [
    ...small,
    {
      name: 'crypto: seal 1 MiB, asynchronously',
      bytes: long.length,
      contenders: {
        'vespera-security': () => keyset.sealAsync(long, CONTEXT),
        WebCrypto: () => hostSeal(long),
      },
      goals: { WebCrypto: { atLeast: 0.5 } },
    },
    {
      name: 'crypto: open 1 MiB, asynchronously',
      bytes: long.length,
      contenders: {
        'vespera-security': () => keyset.openAsync(ours, CONTEXT),
        WebCrypto: () => hostOpen(theirs),
      },
      goals: { WebCrypto: { atLeast: 0.5 } },
    },
  ];
};
