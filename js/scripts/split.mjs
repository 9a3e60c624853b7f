/**
 * The core as two modules in one file: in front what a first cleaned message needs, and in a section of it the rest,
 * which is compiled when something of it is first called. V8 checks all of a module before it runs any of it.
 *
 * The two share one memory, one stack and the table of what is called by its place. What the rest calls in front goes
 * through a second table, `crossing`. The front calls the rest through the first one alone: until it is there, a
 * stand-in in each of its places loads it and calls what then stands there.
 *
 * What JavaScript calls is in a third table instead of among the exports: V8 before 12 (Node 20) compiles an adapter
 * for each signature among the exports when it compiles a module, used or not.
 */
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';

/** What JavaScript calls in front; all that it calls stands there as well. */
const FRONT = /^(html(New|Free|Sanitize)|memoryBytes$|scratch|__)/;

/** The section of the rest. */
const REST = 'rest';

/** The function that loads the rest, as the front imports it. */
export const LOAD = { module: './core_bg.js', name: 'loadRest' };

/**
 * Rewrites a module. Answers the name of the table of what JavaScript calls, the names in it and how many of them stand
 * in front; and where in the file the front ends and the rest begins, in bytes.
 */
export async function split(file) {
  // Not before: a fresh clone has no packages yet.
  const { default: binaryen } = await import('binaryen');
  const whole = survey(binaryen, readFileSync(file));
  const crossing = restOf(binaryen, whole, [...whole.front], (module) =>
    defined(binaryen, module).filter((name) => whole.front.has(name)),
  );
  const rest = restOf(binaryen, whole, crossing, written);
  const front = frontOf(binaryen, whole, crossing);
  const section = sectionOf(rest);
  writeFileSync(file, Buffer.concat([front, section]));
  const { called, inFront, functions } = whole;
  const names = called.map(({ name }) => name);
  return {
    functions,
    names,
    inFront,
    front: front.length,
    rest: front.length + section.length - rest.length,
  };
}

/** What both halves have to agree on. */
function survey(binaryen, bytes) {
  const module = binaryen.readBinary(bytes);
  const globals = list(module.getNumGlobals(), (at) => binaryen.getGlobalInfo(module.getGlobalByIndex(at)));
  const tables = list(module.getNumTables(), (at) => binaryen.getTableInfo(module.getTableByIndex(at)).name);
  const segments = segmentsOf(binaryen, module);
  const state = globals.filter(({ mutable }) => mutable);
  if (state.length !== 1 || segments.length !== 1 || tables.length !== 2)
    throw new Error('the core has another form than the one that is known how to split');
  const [{ table, data, offset }] = segments;
  const { value: memory } = exportsOf(binaryen, module).find(({ name }) => name === 'memory');
  const called = [...functionsOf(binaryen, module)].sort((a, b) => isInFront(b) - isInFront(a));
  const whole = {
    bytes,
    called,
    inFront: called.filter(isInFront).length,
    functions: tableOf(bytes),
    placed: data,
    from: binaryen.getExpressionInfo(offset).value,
    table,
    references: tables.find((name) => name !== table),
    memory: { name: memory, ...module.getMemoryInfo(memory) },
    stack: state[0],
  };
  module.dispose();
  return { ...whole, front: reached(binaryen, bytes) };
}

const isInFront = ({ name }) => FRONT.test(name);

/**
 * Name of the table of what JavaScript calls: with a hash of the core, because a function is called by its place, and
 * a core of another build has others there, or the same with other arguments.
 */
function tableOf(bytes) {
  return `functions_${createHash('sha256').update(bytes).digest('hex').slice(0, 12)}`;
}

/** The functions that stand in front. */
function reached(binaryen, bytes) {
  const module = binaryen.readBinary(bytes);
  removeSegments(binaryen, module);
  for (const called of functionsOf(binaryen, module))
    if (!isInFront(called)) module.removeExport(called.name);
  module.runPasses(['remove-unused-module-elements']);
  const names = defined(binaryen, module);
  module.dispose();
  return new Set(names);
}

/** The rest, which calls these functions in front through a table of theirs. */
function restOf(binaryen, whole, crossing, finish) {
  const { called, inFront, functions, placed, from, table, references, memory, stack } = whole;
  const module = binaryen.readBinary(whole.bytes);
  removeSegments(binaryen, module);
  for (const { name } of exportsOf(binaryen, module)) module.removeExport(name);

  module.addTable('crossing', crossing.length, crossing.length);
  crossing.forEach((name, at) => {
    const { params, results } = binaryen.getFunctionInfo(module.getFunction(name));
    module.removeFunction(name);
    module.addFunction(name, params, results, [], callAt(binaryen, module, 'crossing', at, params, results));
  });
  module.addTable(functions, called.length, called.length);
  place(
    module,
    functions,
    inFront,
    called.slice(inFront).map(({ value }) => value),
  );
  for (const { at, names } of runs(placed, (name) => !whole.front.has(name)))
    place(module, table, from + at, names);

  module.setMemory(memory.initial, memory.max ?? -1, null, [], false, false, memory.name);
  module.removeGlobal(stack.name);
  module.addMemoryImport(memory.name, 'front', 'memory');
  module.addGlobalImport(stack.name, 'front', 'stack', stack.type, true);
  module.addTableImport(table, 'front', 'table');
  module.addTableImport(references, 'front', '__wbindgen_externrefs');
  for (const name of ['crossing', functions]) module.addTableImport(name, 'front', name);
  module.runPasses(['remove-unused-module-elements']);
  return finish(module);
}

/** The front, with what the rest calls of it. */
function frontOf(binaryen, whole, crossing) {
  const { called, inFront, functions, placed, from, table, stack } = whole;
  const module = binaryen.readBinary(whole.bytes);
  removeSegments(binaryen, module);
  for (const { name } of functionsOf(binaryen, module)) module.removeExport(name);

  module.addFunctionImport('load', LOAD.module, LOAD.name, binaryen.none, binaryen.none);
  const standing = placed.map((name, at) => {
    if (whole.front.has(name)) return name;
    const { params, results } = binaryen.getFunctionInfo(module.getFunction(name));
    const call = callAt(binaryen, module, table, from + at, params, results);
    const loaded = module.block(null, [module.call('load', [], binaryen.none), call], results);
    module.addFunction(`stand-in ${at}`, params, results, [], loaded);
    return `stand-in ${at}`;
  });
  place(module, table, from, standing);
  module.addTable(functions, called.length, called.length);
  place(
    module,
    functions,
    0,
    called.slice(0, inFront).map(({ value }) => value),
  );
  module.addTable('crossing', crossing.length, crossing.length);
  place(module, 'crossing', 0, crossing);

  module.addTableExport(table, 'table');
  module.addGlobalExport(stack.name, 'stack');
  for (const name of ['crossing', functions]) module.addTableExport(name, name);
  module.runPasses(['remove-unused-module-elements']);
  return written(module);
}

/** A custom section of a module, which ends with the bytes of the rest. */
function sectionOf(rest) {
  const name = Buffer.from(REST);
  return Buffer.concat(
    [[0], leb128(1 + name.length + rest.length), [name.length], name, rest].map(Buffer.from),
  );
}

function leb128(value) {
  return value < 128 ? [value] : [(value & 127) | 128, ...leb128(value >>> 7)];
}

/** A call of what stands at a place of a table, with the arguments of the function around it. */
function callAt(binaryen, module, table, at, params, results) {
  const given = binaryen.expandType(params).map((type, index) => module.local.get(index, type));
  return module.call_indirect(table, module.i32.const(at), given, params, results);
}

function place(module, table, at, names) {
  module.addActiveElementSegment(table, `${table} ${at}`, names, module.i32.const(at));
}

/** The stretches of a list whose names pass a test. */
function runs(names, test) {
  const found = [];
  names.forEach((name, at) => {
    if (!test(name)) return;
    const last = found.at(-1);
    if (last && last.at + last.names.length === at) last.names.push(name);
    else found.push({ at, names: [name] });
  });
  return found;
}

function written(module) {
  if (!module.validate()) throw new Error('splitting the core made a module that is not valid');
  const bytes = module.emitBinary();
  module.dispose();
  return bytes;
}

const list = (length, item) => Array.from({ length }, (_, at) => item(at));

const exportsOf = (binaryen, module) =>
  list(module.getNumExports(), (at) => binaryen.getExportInfo(module.getExportByIndex(at)));

const functionsOf = (binaryen, module) =>
  exportsOf(binaryen, module).filter(({ kind }) => kind === binaryen.ExternalFunction);

const segmentsOf = (binaryen, module) =>
  list(module.getNumElementSegments(), (at) =>
    binaryen.getElementSegmentInfo(module.getElementSegmentByIndex(at)),
  );

function removeSegments(binaryen, module) {
  for (const { name } of segmentsOf(binaryen, module)) module.removeElementSegment(name);
}

/** The names of the functions that a module has itself. */
const defined = (binaryen, module) =>
  list(module.getNumFunctions(), (at) => binaryen.getFunctionInfo(module.getFunctionByIndex(at)))
    .filter(({ base }) => !base)
    .map(({ name }) => name);
