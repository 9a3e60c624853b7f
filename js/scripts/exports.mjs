/**
 * The functions of the core in a table instead of among its exports.
 *
 * V8 before 12 (Node 20) compiles an adapter for each signature among the exports when it compiles a module, used or
 * not: three fifths of the time that compiling took. One that is fetched from a table gets its adapter then.
 */
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Name of the exported table: with a hash of what is in it, because functions are called by their place, and a core of
 * another build has others there.
 */
const tableOf = (names) =>
  `functions_${createHash('sha256').update(names.join()).digest('hex').slice(0, 12)}`;

/** Rewrites core_bg.wasm and core.js in the folder of the glue. */
export async function fetchOnUse(glue) {
  // Not before: a fresh clone has no packages yet.
  const { default: binaryen } = await import('binaryen');
  const names = tabulate(binaryen, join(glue, 'core_bg.wasm'));
  const file = join(glue, 'core.js');
  writeFileSync(file, fetching(readFileSync(file, 'utf8'), names));
}

/** Moves the exported functions of a module into a table, and answers their names in the order of the table. */
function tabulate(binaryen, file) {
  const module = binaryen.readBinary(readFileSync(file));
  const exported = Array.from({ length: module.getNumExports() }, (_, at) =>
    binaryen.getExportInfo(module.getExportByIndex(at)),
  ).filter(({ kind }) => kind === binaryen.ExternalFunction);
  const names = exported.map(({ name }) => name);
  const table = tableOf(names);
  module.addTable(table, exported.length, exported.length);
  module.addActiveElementSegment(
    table,
    table,
    exported.map(({ value }) => value),
    module.i32.const(0),
  );
  for (const name of names) module.removeExport(name);
  module.addTableExport(table, table);
  writeFileSync(file, module.emitBinary());
  module.dispose();
  return names;
}

/** The glue, with each function of the core as a field that fetches it when it is first called. */
function fetching(glue, names) {
  const used = new Set(Array.from(glue.matchAll(/\bwasm\.(\w+)/g), ([, name]) => name));
  const others = [...used].filter((name) => !names.includes(name));
  const patched = glue.replaceAll(/\bwasm = (\w+)\.exports;/g, 'wasm = functionsOf($1.exports);');
  if (patched.split('functionsOf(').length !== 3)
    throw new Error('core.js no longer takes its exports in two places');
  // All fields from the beginning: an object that grew with each of them would slow down every hot call.
  return `${patched}
const FUNCTIONS = ${JSON.stringify(names.join(' '))};

function functionsOf(exports) {
  const functions = exports.${tableOf(names)};
  if (functions === undefined) throw new WebAssembly.LinkError('the core is one of another build');
  const fetching = (name, at) => [name, (...args) => (wasm[name] = functions.get(at))(...args)];
  return {
    ${others.map((name) => `${name}: exports.${name},`).join('\n    ')}
    ...Object.fromEntries(FUNCTIONS.split(' ').map(fetching)),
  };
}
`;
}
