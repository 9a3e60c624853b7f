/** Sealing, against the host's WebCrypto with the key already imported, and a pure JavaScript cipher. */
import { gcm } from '@noble/ciphers/aes';
import { randomBytes } from 'node:crypto';

const { subtle } = globalThis.crypto;
const SIZES = { '512 B': 512, '4 KB': 4_096 };

export default async ({ Keyset }) => {
  const keyset = Keyset.generate();
  const raw = randomBytes(32);
  const key = await subtle.importKey('raw', raw, 'AES-GCM', false, ['encrypt', 'decrypt']);
  return Object.entries(SIZES).map(([size, length]) => {
    const plaintext = new Uint8Array(randomBytes(length));
    return {
      name: `crypto: seal and open ${size}`,
      bytes: length,
      contenders: {
        'vespera-security': () => keyset.open(keyset.seal(plaintext, 'bench'), 'bench'),
        WebCrypto: async () => {
          const iv = crypto.getRandomValues(new Uint8Array(12));
          const sealed = await subtle.encrypt({ name: 'AES-GCM', iv }, key, plaintext);
          return subtle.decrypt({ name: 'AES-GCM', iv }, key, sealed);
        },
        '@noble/ciphers': () => {
          const iv = crypto.getRandomValues(new Uint8Array(12));
          return gcm(raw, iv).decrypt(gcm(raw, iv).encrypt(plaintext));
        },
      },
      goals: { WebCrypto: { atLeast: 1 }, '@noble/ciphers': { atLeast: 1.5 } },
    };
  });
};
