/** The glue of a core that is split: each function is fetched from its table when it is first called. */
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LOAD, split } from './split.mjs';

/**
 * Rewrites core_bg.wasm, core.js and core.d.ts in the folder of the glue, given the file that the linker wrote. Answers
 * where the parts of the core are.
 */
export async function fetchOnUse(glue, linked) {
  const file = join(glue, 'core.js');
  const core = await split(join(glue, 'core_bg.wasm'), file, linked);
  writeFileSync(file, patched(readFileSync(file, 'utf8'), core));
  appendFileSync(join(glue, 'core.d.ts'), DECLARED);
  return core.parts;
}

/** What the glue exports besides what wasm-bindgen says that it does. */
const DECLARED = `
export function provideParts(
  compile: (part: number) => WebAssembly.Module,
  refused: (thrown: unknown) => Error,
): void;
export const core: object;
export const parts: number;
`;

/** The glue, with each function of the core as a field that fetches it when it is first called. */
function patched(glue, { functions, called, parts }) {
  const names = called.map(({ name }) => name);
  const used = new Set(Array.from(glue.matchAll(/\bwasm\.(\w+)/g), ([, name]) => name));
  const others = [...used].filter((name) => !names.includes(name));
  const text = shortened(encoding(glue))
    // The core never asks to be started anew: that is the engine's to say.
    .replaceAll(/^ *__wbg_call_guard\(\);\n/gm, '')
    .replaceAll(/\bwasm = (\w+)\.exports;/g, 'wasm = functionsOf($1.exports);')
    .replaceAll(`"${LOAD.module}": import0,`, `"${LOAD.module}": { ...import0, ${LOAD.name} },`);
  if (text.split('functionsOf(').length !== 3 || text.split(LOAD.name).length !== 2)
    throw new Error('core.js no longer takes its exports in two places and gives its imports in one');
  const exported = Array.from(glue.matchAll(/^export function (\w+)/gm), ([, name]) => name);
  // All fields from the beginning: an object that grew with each of them would slow down every hot call.
  return `${text}
/** All of it. A namespace would be an object of getters, which is slow to make and to call. */
export const core = { ${[...exported, 'initSync', 'provideParts'].join(', ')} };

/** How many parts the core has. */
export const parts = ${parts.length};

let functions;

function functionsOf(exports) {
  functions = exports.${functions};
  if (functions === undefined) throw new WebAssembly.LinkError('the core is one of another build');
  loaded = [true];
  return {
    ${others.map((name) => `${name}: exports.${name},`).join('\n    ')}
    ${called.map(({ name, part }, at) => `${name}: fetching('${name}', ${at}, ${part}),`).join('\n    ')}
  };
}

/** A function that puts another one in its own place. One text for all of them: each would be read anew. */
function fetching(name, at, part) {
  return (...args) => {
    ${LOAD.name}(part);
    wasm[name] = functions.get(at);
    return wasm[name](...args);
  };
}

const compiled = [];
let loaded;
let compilePart;
let errorOfPart;

/** How a part of the core is compiled, when something of it is first called, and what is thrown if it does not come. */
export function provideParts(compile, refused) {
  compilePart = compile;
  errorOfPart = refused;
}

function ${LOAD.name}(part) {
  if (loaded[part]) return;
  try {
    const module = compiled[part] ?? compilePart(part);
    new WebAssembly.Instance(module, { ...__wbg_get_imports(), front: wasmInstance.exports });
    compiled[part] = module;
  } catch (thrown) {
    throw errorOfPart(thrown);
  }
  loaded[part] = true;
}
`;
}

/**
 * The glue without what an engine reads for nothing each time that it is loaded, a sixth of it: what is freed when an
 * argument cannot be handed over (then the instance is given up), and the two functions that each text is handed over with.
 */
function shortened(glue) {
  const freeing =
    /\n( +)try \{\n((?:\1 {4}.*\n)+?)\1\} catch \(e\) \{\n(?:\1 {4}if \(ptr\d\) .*\n)+\1 {4}throw e;\n\1\}\n/g;
  const text = /\bpassStringToWasm0\((\w+), wasm\.__wbindgen_malloc, wasm\.__wbindgen_realloc\)/g;
  const bytes = /\bpassArray8ToWasm0\((\w+), wasm\.__wbindgen_malloc\)/g;
  for (const form of [freeing, text, bytes])
    if (glue.search(form) < 0) throw new Error('core.js no longer hands its arguments over as it did');
  return `${glue.replace(freeing, '\n$2').replace(text, 'passText($1)').replace(bytes, 'passBytes($1)')}
function passText(text) {
  return passStringToWasm0(text, wasm.__wbindgen_malloc, wasm.__wbindgen_realloc);
}

function passBytes(bytes) {
  return passArray8ToWasm0(bytes, wasm.__wbindgen_malloc);
}
`;
}

/**
 * The glue, with long texts written by the host's encoder: a loop over the characters took a fifth of a look at source
 * files, or half of it when the engine compiled it badly. As many bytes as characters suffice for what is ASCII.
 */
function encoding(glue) {
  const loop = /\n( +)for \(; offset < len; offset\+\+\) \{[^]*?\n\1\}\n/g;
  const left = /if \(offset !== len\) \{(\s+)if \(offset !== 0\) \{(\s+)arg = arg\.slice\(offset\);/g;
  for (const part of [loop, left])
    if (glue.match(part)?.length !== 1) throw new Error('core.js no longer writes texts as it did');
  return glue
    .replace(
      loop,
      (written) => `
    let read;
    if (len > 48) {
        ({ read, written: offset } = cachedTextEncoder.encodeInto(arg, mem.subarray(ptr, ptr + len)));
    } else {${written}        read = offset;
    }
`,
    )
    .replace(left, 'if (read !== len) {$1if (read !== 0) {$2arg = arg.slice(read);');
}
