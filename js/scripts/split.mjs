/**
 * The core as three modules in one file: in front what most first messages call, then what cleaning any message can
 * call, then the rest. V8 checks all of a module before it runs any of it, so a part is compiled when it is called.
 *
 * The parts share one memory, one stack and the table of what is called by its place. Until a part is there, a stand-in
 * in each of its places loads it and calls what then stands there. What a part calls in another one goes through a
 * second table, `linked`, whose places are empty until then.
 *
 * Each has the constants that its own functions read, and the front those that functions of several parts do.
 *
 * What JavaScript calls is in a third table instead of among the exports: V8 before 12 (Node 20) compiles an adapter
 * for each signature among the exports when it compiles a module, used or not.
 */
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { divided } from './constants.mjs';
import { calledBy } from './profile.mjs';
import { bare } from './wasm.mjs';

/** What JavaScript calls to hand values over and to measure: in front, though not every first message calls it. */
const FRONT = /^(memoryBytes$|scratch|__)/;

/** What it calls to clean messages: in the second part, but for what is in front. */
const CLEAN = /^html(New|Free|Sanitize)/;

/** The custom sections in which the further parts are, in their order. */
const SECTION = 'part';

/** The function that loads a part, as the front imports it. */
export const LOAD = { module: './core_bg.js', name: 'loadPart' };

/**
 * Rewrites the core that a script of glue starts. `origin` is what the linker wrote, with its relocations; since then no
 * function may have been put into another one. Answers the name of the table of what JavaScript calls, the names in it
 * with the part that has each, and where in the file each part begins and ends, in bytes.
 */
export async function split(file, glue, origin) {
  // Not before: a fresh clone has no packages yet.
  const { default: binaryen } = await import('binaryen');
  const bytes = readFileSync(file);
  const parts = [0, 1, 2];
  const whole = survey(binaryen, bytes, await calledBy(binaryen, bytes, glue));
  whole.data = dataOf(binaryen, whole, parts, readFileSync(origin));
  const crossing = parts.flatMap((part) => partOf(binaryen, whole, part, [...whole.defined.keys()], foreign));
  const linked = [...new Set(crossing)];
  const modules = parts.map((part) => partOf(binaryen, whole, part, linked, written));
  const [front, ...further] = modules;
  let end = 0;
  const sections = [front, ...further.map(sectionOf)].map((section, part) => {
    end += section.length;
    return { section, start: end - modules[part].length, end };
  });
  writeFileSync(file, Buffer.concat(sections.map(({ section }) => section)));
  return {
    functions: whole.functions,
    called: whole.called.map(({ name, home }) => ({ name, part: home })),
    parts: sections.map(({ start, end }) => ({ start, end })),
  };
}

/** What all parts have to agree on, given the names of the functions that first messages call, and any. */
function survey(binaryen, bytes, { first, any }) {
  const module = binaryen.readBinary(bytes);
  const globals = list(module.getNumGlobals(), (at) => binaryen.getGlobalInfo(module.getGlobalByIndex(at)));
  const tables = list(module.getNumTables(), (at) => binaryen.getTableInfo(module.getTableByIndex(at)).name);
  const elements = elementsOf(binaryen, module);
  const state = globals.filter(({ mutable }) => mutable);
  if (state.length !== 1 || elements.length !== 1 || tables.length !== 2)
    throw new Error('the core has another form than the one that is known how to split');
  const [{ table, data, offset }] = elements;
  const exported = functionsOf(binaryen, module);
  const front = new Set([
    ...first,
    ...exported.filter(({ name }) => FRONT.test(name)).map(({ value }) => value),
  ]);
  const clean = new Set([...any, ...reached(binaryen, bytes, CLEAN)]);
  const homeOf = (name) => (front.has(name) ? 0 : clean.has(name) ? 1 : 2);
  const defined = new Map(
    definedIn(binaryen, module).map(({ name, params, results }) => [
      name,
      { params, results, home: homeOf(name) },
    ]),
  );
  const { value: memory } = exportsOf(binaryen, module).find(({ name }) => name === 'memory');
  const whole = {
    bytes,
    defined,
    called: exported
      .map(({ name, value }) => ({ name, value, home: homeOf(value) }))
      .sort((one, two) => one.home - two.home),
    functions: tableOf(bytes),
    placed: data,
    from: binaryen.getExpressionInfo(offset).value,
    table,
    references: tables.find((name) => name !== table),
    memory: { name: memory, ...module.getMemoryInfo(memory) },
    stack: state[0],
  };
  module.dispose();
  return whole;
}

/** The functions that can be called from some of what JavaScript calls. */
function reached(binaryen, bytes, exported) {
  const module = binaryen.readBinary(bytes);
  for (const { name } of elementsOf(binaryen, module)) module.removeElementSegment(name);
  for (const { name } of functionsOf(binaryen, module)) if (!exported.test(name)) module.removeExport(name);
  module.runPasses(['remove-unused-module-elements']);
  const names = definedIn(binaryen, module).map(({ name }) => name);
  module.dispose();
  return names;
}

/**
 * Name of the table of what JavaScript calls: with a hash of the core, because a function is called by its place, and
 * a core of another build has others there, or the same with other arguments.
 */
function tableOf(bytes) {
  return `functions_${createHash('sha256').update(bare(bytes)).digest('hex').slice(0, 12)}`;
}

/** What each part writes into the memory. */
function dataOf(binaryen, whole, parts, origin) {
  const module = binaryen.readBinary(whole.bytes);
  const numbersIn = (name) => {
    const text = binaryen.emitText(binaryen.getFunctionInfo(module.getFunction(name)).body);
    return Array.from(text.matchAll(/(?:i32\.const |offset=)(\d+)/g), ([, number]) => Number(number));
  };
  const names = parts.map((part) =>
    [...whole.defined].filter(([, { home }]) => home === part).map(([name]) => name),
  );
  const data = divided(whole.bytes, origin, names, numbersIn);
  module.dispose();
  return data;
}

/** One of the parts, which calls functions of others through their places in `linked`. */
function partOf(binaryen, whole, part, linked, finish) {
  const module = binaryen.readBinary(whole.bytes);
  for (const { name } of elementsOf(binaryen, module)) module.removeElementSegment(name);
  for (const { name } of functionsOf(binaryen, module)) module.removeExport(name);

  const places = new Map(linked.map((name, at) => [name, at]));
  for (const [name, { home }] of whole.defined) {
    if (home === part) continue;
    module.removeFunction(name);
    if (places.has(name)) link(binaryen, module, whole, name, places.get(name));
  }
  module.addFunctionImport('load', LOAD.module, LOAD.name, binaryen.i32, binaryen.none);
  module.addTable('linked', linked.length, linked.length);
  module.addTable(whole.functions, whole.called.length, whole.called.length);
  const { initial, max, name } = whole.memory;
  const data = whole.data[part].map(({ address, bytes }) => ({
    offset: module.i32.const(address),
    data: bytes,
    passive: false,
  }));
  module.setMemory(initial, max ?? -1, null, data, false, false, name);
  if (part === 0) lend(module, whole);
  else borrow(binaryen, module, whole);

  // What stands in a table without being the core's own is an import: the front has it.
  const own = (name) => ((whole.defined.get(name)?.home ?? 0) === part ? name : undefined);
  const orStandIn = (name, at) =>
    own(name) ?? (part === 0 ? standIn(binaryen, module, whole, name, at) : undefined);
  place(module, whole.table, whole.from, whole.placed.map(orStandIn));
  place(module, 'linked', 0, linked.map(own));
  place(
    module,
    whole.functions,
    0,
    whole.called.map(({ value }) => own(value)),
  );
  module.runPasses(['remove-unused-module-elements']);
  return finish(binaryen, module, whole, part);
}

/** Makes a part the front: it has what all share. */
function lend(module, { functions, stack, table }) {
  module.addTableExport(table, 'table');
  for (const name of ['linked', functions]) module.addTableExport(name, name);
  module.addGlobalExport(stack.name, 'stack');
}

/** Makes a part a further one: it takes from the front what all share. */
function borrow(binaryen, module, { functions, memory, references, stack, table }) {
  for (const { name } of exportsOf(binaryen, module)) module.removeExport(name);
  module.removeGlobal(stack.name);
  module.addMemoryImport(memory.name, 'front', 'memory');
  module.addGlobalImport(stack.name, 'front', 'stack', stack.type, true);
  module.addTableImport(table, 'front', 'table');
  module.addTableImport(references, 'front', '__wbindgen_externrefs');
  for (const name of ['linked', functions]) module.addTableImport(name, 'front', name);
}

/** Puts in place of a function of another part one that calls it, and loads that part if it is not there. */
function link(binaryen, module, whole, name, at) {
  const { params, results, home } = whole.defined.get(name);
  const call = callAt(binaryen, module, 'linked', at, params, results);
  const isMissing = module.ref.is_null(module.table.get('linked', module.i32.const(at), binaryen.funcref));
  const load = module.if(isMissing, callLoad(binaryen, module, home));
  // The front is always there.
  const body = module.block(null, home === 0 ? [call] : [load, call], results);
  module.addFunction(name, params, results, [], body);
}

/** A function that loads the part of another one and calls what then stands at that one's place. */
function standIn(binaryen, module, whole, name, at) {
  const { params, results, home } = whole.defined.get(name);
  const call = callAt(binaryen, module, whole.table, whole.from + at, params, results);
  const body = module.block(null, [callLoad(binaryen, module, home), call], results);
  module.addFunction(`stand-in ${at}`, params, results, [], body);
  return `stand-in ${at}`;
}

const callLoad = (binaryen, module, part) => module.call('load', [module.i32.const(part)], binaryen.none);

/** A call of what stands at a place of a table, with the arguments of the function around it. */
function callAt(binaryen, module, table, at, params, results) {
  const given = binaryen.expandType(params).map((type, index) => module.local.get(index, type));
  return module.call_indirect(table, module.i32.const(at), given, params, results);
}

/** Puts functions into a table, from a place on; where there is none, the place stays as it is. */
function place(module, table, from, names) {
  const runs = [];
  names.forEach((name, at) => {
    if (name === undefined) return;
    if (at === 0 || names[at - 1] === undefined) runs.push({ at, names: [] });
    runs.at(-1).names.push(name);
  });
  for (const { at, names: run } of runs)
    module.addActiveElementSegment(table, `${table} from ${at}`, run, module.i32.const(from + at));
}

/** What a part calls of others. */
function foreign(binaryen, module, whole, part) {
  const names = definedIn(binaryen, module).map(({ name }) => name);
  module.dispose();
  return names.filter((name) => whole.defined.has(name) && whole.defined.get(name).home !== part);
}

function written(binaryen, module) {
  if (!module.validate()) throw new Error('splitting the core made a module that is not valid');
  const bytes = bare(Buffer.from(module.emitBinary()));
  module.dispose();
  return bytes;
}

/** A custom section, which ends with the bytes of a part. */
function sectionOf(part) {
  const name = Buffer.from(SECTION);
  return Buffer.concat(
    [[0], leb128(1 + name.length + part.length), [name.length], name, part].map((bytes) =>
      Buffer.from(bytes),
    ),
  );
}

function leb128(value) {
  return value < 128 ? [value] : [(value & 127) | 128, ...leb128(value >>> 7)];
}

const list = (length, item) => Array.from({ length }, (_, at) => item(at));

const exportsOf = (binaryen, module) =>
  list(module.getNumExports(), (at) => binaryen.getExportInfo(module.getExportByIndex(at)));

const functionsOf = (binaryen, module) =>
  exportsOf(binaryen, module).filter(({ kind }) => kind === binaryen.ExternalFunction);

const elementsOf = (binaryen, module) =>
  list(module.getNumElementSegments(), (at) =>
    binaryen.getElementSegmentInfo(module.getElementSegmentByIndex(at)),
  );

/** The functions that a module has itself. */
export const definedIn = (binaryen, module) =>
  list(module.getNumFunctions(), (at) => binaryen.getFunctionInfo(module.getFunctionByIndex(at))).filter(
    ({ base }) => !base,
  );
