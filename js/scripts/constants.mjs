/**
 * Which of the core's constants a function reads, by the relocations that the linker leaves behind: each address in
 * the code names a symbol, and so does each address inside another constant. What a function reads is what it names,
 * and what that names in turn. https://github.com/WebAssembly/tool-conventions/blob/main/Linking.md
 */
import { Reader, sections, segments } from './wasm.mjs';

/** Relocations by their number: those that stand for an address in memory, and those that have nothing to do with it. */
const ADDRESSES = [3, 4, 5];
const OTHERS = [0, 1, 2, 6, 7, 20];

/**
 * What each part of a module writes into its memory, as segments with their address. A constant that the functions of
 * one part alone read is that part's; one that nobody reads is the last one's; all else is the first one's.
 *
 * wasm-opt may move a constant into a function from all that call it. Who reads it there was called by one of them, so
 * the part that it is said to belong to has been loaded.
 *
 * `linked` is the module as the linker wrote it, `names` are those of the functions of each part, and `numbersIn`
 * answers the constants in the code of one.
 */
export function divided(module, linked, names, numbersIn) {
  const { from, named, knownAs, readBy } = constantsOf(linked);
  const isAddress = (number) => from <= number && number < from + named.length;
  const readers = names.map((some) => {
    const strange = some.find((name) => knownAs(name) === undefined && numbersIn(name).some(isAddress));
    if (strange)
      throw new Error(`the linker does not know the function ${strange}, which may read constants`);
    return readBy(some.map(knownAs).filter((name) => name !== undefined));
  });
  const home = (address) => {
    if (!isAddress(address) || named[address - from] === 0) return 0;
    const reading = readers.flatMap((read, part) => (read[address - from] === 1 ? [part] : []));
    return reading.length > 1 ? 0 : (reading[0] ?? names.length - 1);
  };
  const written = names.map(() => []);
  for (const { address, data } of segments(module)) {
    const runs = names.map(() => undefined);
    data.forEach((byte, at) => {
      if (byte === 0) return; // as the memory is
      const part = home(address + at);
      const run = runs[part];
      // A segment of its own takes more room than a few bytes of others, which are the same wherever they come from.
      if (run && at - run.end < 8) run.end = at + 1;
      else written[part].push((runs[part] = { address: address + at, start: at, end: at + 1, data }));
    });
  }
  return written.map((runs) =>
    runs.map(({ address, start, end, data }) => ({ address, bytes: data.subarray(start, end) })),
  );
}

/** The constants of a module, of which `named` says for each byte whether it is part of a symbol, by 1 or 0. */
function constantsOf(linked) {
  const found = sections(linked);
  const content = (wanted) => found.find(({ id, name }) => id === wanted || name === wanted).content;
  const memory = segments(linked);
  const written = subsection(new Reader(content('name')), 9, (list) => [list.u32(), list.text()]);
  if (`${written}` !== '0,.rodata,1,.data,2,.bss')
    throw new Error('the linker no longer writes the constants first, and then what changes');
  const symbols = symbolsOf(content('linking'), memory);
  const inMemory = symbols.filter((symbol) => symbol?.length > 0);
  const holders = holdersOf(inMemory);
  const [code, data] = ['reloc.CODE', 'reloc.DATA'].map((name) =>
    relocationsOf(content(name)).map(({ offset, symbol, addend }) => ({
      offset,
      symbol: symbols[symbol],
      address: symbols[symbol].address + addend,
    })),
  );
  // Whatever anybody calls by an address: functions of the same code become one, though they name other symbols. And
  // what the address is in: it can be past the end of the symbol that it is said to belong to.
  const meant = new Map([...code, ...data].map(({ address }) => [address, new Set(holders(address))]));
  for (const { symbol, address } of [...code, ...data]) meant.get(address).add(symbol);

  const bodies = bodiesOf(content(10), content(2), content('name'));
  const inCode = new Map(bodies.map(({ name }) => [name, []]));
  for (const { offset, address } of code) inCode.get(before(bodies, offset).name).push(...meant.get(address));
  const inData = new Map(symbols.map((symbol) => [symbol, []]));
  for (const { offset, address } of data) {
    const segment = before(memory, offset);
    for (const holder of holders(segment.address + offset - segment.start))
      inData.get(holder).push(...meant.get(address));
  }

  const [{ address: from, data: constants }] = memory;
  const marked = (some) => {
    const marks = new Uint8Array(constants.length);
    for (const { address, length } of some)
      if (address < from + constants.length) marks.fill(1, address - from, address - from + length);
    return marks;
  };
  // The second function of a name gets a number behind it.
  const forms = (name) => [name, name.replace(/_\d+$/, '')];
  return {
    from,
    named: marked(inMemory),
    knownAs: (name) => forms(name).find((form) => inCode.has(form)),
    readBy: (names) =>
      marked(
        reached(
          names.flatMap((name) => inCode.get(name)),
          inData,
        ),
      ),
  };
}

/** What is read by way of some symbols. */
function reached(some, inside) {
  const found = new Set(some);
  // A set that grows is walked to its end.
  for (const symbol of found) for (const next of inside.get(symbol)) found.add(next);
  return found;
}

/** The symbols of a module by their number: those in its memory, with their address and length in bytes. */
function symbolsOf(linking, memory) {
  const reader = new Reader(linking);
  if (reader.u32() !== 2) throw new Error('the linker writes symbols in another version');
  return subsection(reader, 8, (table) => symbolOf(table, memory));
}

function symbolOf(table, memory) {
  const [kind, flags] = [table.byte(), table.u32()];
  const [isUndefined, isAbsolute, hasName] = [0x10, 0x200, 0x40].map((flag) => (flags & flag) !== 0);
  if (kind === 3) table.u32();
  else if (kind !== 1) {
    table.u32();
    if (!isUndefined || hasName) table.text();
  } else {
    table.text();
    if (isUndefined) return undefined;
    const [segment, offset, length] = [table.u32(), table.u32(), table.u32()];
    return { address: isAbsolute ? offset : memory[segment].address + offset, length };
  }
  return undefined;
}

/** The relocations of a section that stand for an address in memory. */
function relocationsOf(section) {
  const reader = new Reader(section);
  reader.u32(); // the section that they are of
  const found = reader.list(() => {
    const [kind, offset, symbol] = [reader.byte(), reader.u32(), reader.u32()];
    if (OTHERS.includes(kind)) return undefined;
    if (!ADDRESSES.includes(kind)) throw new Error(`the linker left a relocation of kind ${kind} behind`);
    return { offset, symbol, addend: reader.s32() };
  });
  return found.filter((relocation) => relocation !== undefined);
}

/** The functions of a module, with where their bodies start in the section of the code. */
function bodiesOf(code, imports, names) {
  const named = new Map(subsection(new Reader(names), 1, (list) => [list.u32(), list.text()]));
  let index = importedFunctions(imports);
  const reader = new Reader(code);
  return reader.list(() => {
    const body = reader.block();
    return { name: exported(named.get(index++)), start: reader.at - body.length };
  });
}

/** What is listed in a part of a section, which begins with its kind. */
function subsection(reader, wanted, item) {
  while (!reader.isAtEnd) {
    const [kind, content] = [reader.byte(), new Reader(reader.block())];
    if (kind === wanted) return content.list(() => item(content));
  }
  throw new Error(`the linker left nothing of kind ${wanted} behind`);
}

/** How many functions a module imports; before relocations are resolved, it imports nothing but these. */
function importedFunctions(imports) {
  const reader = new Reader(imports);
  const functions = reader.list(() => {
    reader.text();
    reader.text();
    const kind = reader.byte();
    if (kind !== 0) throw new Error('the core imports something that is no function');
    return reader.u32();
  });
  return functions.length;
}

/** The name of a function, if it is exported without the hash that wasm-bindgen gives it and takes away again. */
const exported = (name) => name.replace(/^([a-z]\w+)_[0-9a-f]{16}$/i, '$1');

/** The last item that starts at or before a place; they are in order. */
function before(items, place) {
  let [low, high] = [0, items.length];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (items[middle].start <= place) low = middle;
    else high = middle;
  }
  return items[low];
}

/** Answers which symbols an address is in: they can lie in each other, as the end of a text is one, too. */
function holdersOf(symbols) {
  const ordered = [...symbols].sort((one, other) => one.address - other.address);
  const longest = Math.max(...ordered.map(({ length }) => length));
  const starts = ordered.map((symbol) => ({ start: symbol.address }));
  const index = new Map(starts.map((item, at) => [item, at]));
  return (address) => {
    const found = [];
    for (let at = index.get(before(starts, address)); at >= 0; at--) {
      const symbol = ordered[at];
      if (symbol.address + longest <= address) break;
      if (symbol.address <= address && address < symbol.address + symbol.length) found.push(symbol);
    }
    return found;
  };
}
