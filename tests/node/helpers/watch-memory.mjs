/**
 * Looks into the linear memory of every instance made after this call. The engine shows its memory to nobody: it
 * is caught when the instance is made, so call this before the package is loaded.
 */
export function watchMemory() {
  const memories = [];
  const { Instance } = WebAssembly;
  WebAssembly.Instance = class extends Instance {
    constructor(...given) {
      super(...given);
      if (this.exports.memory) memories.push(this.exports.memory);
    }
  };
  return {
    get instances() {
      return memories.length;
    },
    /** How often the bytes stand there, by halves: a spilled half is as bad as a whole. */
    copies(secret) {
      const half = secret.length >> 1;
      let count = 0;
      for (const { buffer } of memories) {
        const bytes = Buffer.from(buffer);
        for (const part of [secret.subarray(0, half), secret.subarray(half)])
          for (let at = bytes.indexOf(part); at >= 0; at = bytes.indexOf(part, at + 1)) count += 1;
      }
      return count;
    },
  };
}
