/**
 * The rule of arrows: which file may import which. Reads the imports and answers the lines that break it.
 *
 * Rust: a domain imports `collect`, `error`, `host`, `json` and `keymap`, and the few others named below; nothing imports `wasm`;
 * only `wasm` knows JavaScript. TypeScript: entry → domain class → engine → glue.
 */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { path } from './run.mjs';

/** What a module of the core may import beside `collect`, `error`, `host`, `json` and `keymap`. `*` is any domain. */
const RUST = {
  error: null,
  host: ['error'],
  collect: null,
  json: null,
  keymap: ['error', 'host'],
  html: [],
  text: [],
  threat: ['text', 'crypto'],
  limit: [],
  breaker: [],
  crypto: [],
  consent: ['crypto'],
  audit: ['crypto', 'threat'],
  access: ['crypto'],
  headers: [],
  flags: [],
  monitor: [],
  guard: ['*'],
  config: ['*'],
  wasm: ['*'],
};
const GROUND = ['collect', 'error', 'host', 'json', 'keymap'];

/** Every line that breaks a rule, as `file:line: what is wrong`. */
export function brokenArrows() {
  return [...files('src', '.rs').flatMap(rust), ...files('js/src', '.ts').flatMap(typescript)];
}

function rust(file) {
  const [, first] = file.split('/');
  const domain = first.replace(/\.rs$/, '');
  if (domain === 'lib') return [];
  const allowed = RUST[domain];
  const broken = [];
  if (allowed === undefined)
    broken.push(`${file}:1: js/scripts/arrows.mjs does not know the domain ${domain}`);
  lines(file, (line, say) => {
    for (const [, target] of line.matchAll(/\bcrate::(?:\{\s*)?([a-z_]+)\b/g)) {
      const fine =
        target === domain ||
        !(target in RUST) ||
        (target !== 'wasm' &&
          (allowed?.includes('*') ||
            allowed?.includes(target) ||
            (!(domain in { collect: 1, error: 1, host: 1, json: 1, keymap: 1 }) && GROUND.includes(target))));
      if (!fine) broken.push(say(`${domain} may not import ${target}`));
    }
    if (domain !== 'wasm' && /\b(wasm_bindgen|js_sys|serde_wasm_bindgen)\b/.test(line)) {
      broken.push(say('only src/wasm/ may know JavaScript'));
    }
  });
  return broken;
}

function typescript(file) {
  const from = file.replace(/^js\/src\//, '');
  const floor = from.startsWith('entry/') ? 'entry' : from.startsWith('engine/') ? 'engine' : 'domain';
  const free = /^(errors|types|codes)\.ts$/.test(from);
  const broken = [];
  lines(file, (line, say) => {
    const target = line
      .match(/\bfrom '([^']+)'|^import '([^']+)'|\bimport\('([^']+)'\)/)
      ?.slice(1)
      .find(Boolean);
    if (target === undefined) return;
    if (target === '#glue' && from !== 'engine/engine.ts')
      broken.push(say('only engine/engine.ts may touch the glue'));
    if (/\/entry\//.test(target)) broken.push(say('nothing imports an entry'));
    if (floor === 'engine' && target.startsWith('../') && !/^\.\.\/(errors|types|codes)\.js$/.test(target)) {
      broken.push(say('the engine may import nothing above it but errors and types'));
    }
    if (free && !/^\.\/(errors|types|codes)\.js$/.test(target))
      broken.push(say('this file must work without WebAssembly'));
    if (target.startsWith('node:') && !from.startsWith('stores/')) {
      broken.push(say('only stores/ and entry/node.cjs may import from Node'));
    }
  });
  return broken;
}

function lines(file, visit) {
  readFileSync(path(file), 'utf8')
    .split('\n')
    .forEach((line, at) => {
      if (/^\s*\/[/*]/.test(line) || /^\s*\*/.test(line)) return;
      visit(line, (words) => `${file}:${at + 1}: ${words}`);
    });
}

function files(folder, ending) {
  return readdirSync(path(folder)).flatMap((name) => {
    const file = `${folder}/${name}`;
    if (statSync(path(file)).isDirectory()) return files(file, ending);
    return name.endsWith(ending) ? [file] : [];
  });
}
