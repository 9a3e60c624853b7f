/** Whether what was built still answers to its sources. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { build } from './build.mjs';
import { path, say } from './run.mjs';

const SOURCES = [
  'src',
  'js/src',
  'js/scripts/build.mjs',
  'pkg-template',
  'Cargo.toml',
  'Cargo.lock',
  'package-lock.json',
];

/** Builds `pkg/` if it is missing or older than its sources; with `release`, also if it holds a quick build. */
export async function buildIfStale({ release = false } = {}) {
  if (!existsSync(path('pkg', 'package.json'))) return build();
  const built = statSync(path('pkg', 'package.json')).mtimeMs;
  const changed = SOURCES.find((name) => newest(path(name)) > built);
  if (changed) say(`${changed} is newer than pkg/`);
  else if (release && !isRelease()) say('pkg/ holds a quick build');
  else return;
  await build();
}

/** Whether the module in `pkg/` is the one that the optimizing build wrote. */
function isRelease() {
  const wasm = path('target', 'glue', 'release', 'core_bg.wasm');
  const core = readdirSync(path('pkg')).find((file) => file.endsWith('.wasm'));
  return core !== undefined && existsSync(wasm) && readFileSync(wasm).equals(readFileSync(path('pkg', core)));
}

/** The latest change of a file, or of anything in a folder. */
function newest(entry) {
  const { mtimeMs } = statSync(entry);
  if (!statSync(entry).isDirectory()) return mtimeMs;
  return Math.max(mtimeMs, ...readdirSync(entry).map((name) => newest(join(entry, name))));
}
