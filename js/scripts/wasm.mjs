/** A module's sections, as the specification of WebAssembly 1.0 and the tool conventions write them down. */

/** Reads one value after the other. */
export class Reader {
  constructor(bytes, at = 0) {
    this.bytes = bytes;
    this.at = at;
  }

  byte() {
    return this.bytes[this.at++];
  }

  /** An unsigned number as LEB128. */
  u32() {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.byte();
      value += (byte & 127) * 2 ** shift;
      if (byte < 128) return value;
    }
  }

  /** A signed one. */
  s32() {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.byte();
      value |= (byte & 127) << shift;
      if (byte < 128) return shift < 25 && byte & 64 ? value | (-1 << (shift + 7)) : value;
    }
  }

  /** As many bytes as the number before them says. */
  block() {
    const length = this.u32();
    this.at += length;
    return this.bytes.subarray(this.at - length, this.at);
  }

  text() {
    return this.block().toString();
  }

  /** As many items as the number before them says. */
  list(item) {
    return Array.from({ length: this.u32() }, item);
  }

  get isAtEnd() {
    return this.at >= this.bytes.length;
  }
}

/** The sections of a module in their order: their number, the name of a custom one, and what is in them. */
export function sections(module) {
  const reader = new Reader(module, 8);
  const found = [];
  while (!reader.isAtEnd) {
    const start = reader.at;
    const id = reader.byte();
    const content = reader.block();
    const whole = module.subarray(start, reader.at);
    if (id !== 0) found.push({ id, name: undefined, content, whole });
    else {
      const custom = new Reader(content);
      const name = custom.text();
      found.push({ id, name, content: content.subarray(custom.at), whole });
    }
  }
  return found;
}

/** A module without its custom sections, but for these. */
export function bare(module, but = []) {
  const kept = sections(module).filter(({ id, name }) => id !== 0 || but.includes(name));
  return Buffer.concat([module.subarray(0, 8), ...kept.map(({ whole }) => whole)]);
}

/** The segments that a module writes into its memory when it starts: their address, and their bytes. */
export function segments(module) {
  const section = sections(module).find(({ id }) => id === 11);
  if (!section) return [];
  const reader = new Reader(section.content);
  return reader.list(() => {
    const [kind, constant] = [reader.u32(), reader.byte()];
    if (kind !== 0 || constant !== 0x41) throw new Error('a data segment has no constant address');
    const address = reader.s32();
    reader.byte(); // the end of the expression
    const data = reader.block();
    return { address, data, start: reader.at - data.length };
  });
}
