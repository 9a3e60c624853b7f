/**
 * Makes sure that the tools of the build are there: the wasm target, wasm-bindgen's CLI of exactly the version
 * in Cargo.lock, wasm-pack and the npm packages. What is missing goes below target/tools, not into the user's
 * home; what is there is left alone. Uses nothing but Node itself.
 */
import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { ask, path, run, say } from './run.mjs';

const CARGO_FUZZ = '0.13.2';
// wasm-pack 0.15 is the line that takes wasm-bindgen and wasm-opt from PATH without any download.
const WASM_PACK = '0.15.1';
const tools = path('target', 'tools');

/** Answers the environment for the build: a PATH on which every tool stands. */
export function bootstrap() {
  npmPackages();
  rustTarget();
  const env = { ...process.env };
  env.PATH = [join(tools, 'bin'), path('node_modules', '.bin'), env.PATH].join(delimiter);
  const bindgen = wasmBindgenVersion();
  crate(env, 'wasm-bindgen', 'wasm-bindgen-cli', bindgen, ['--no-default-features', '--debug']);
  crate(env, 'wasm-pack', 'wasm-pack', WASM_PACK, []);
  env.PATH = [shim(env), env.PATH].join(delimiter);
  return env;
}

/** Answers the environment for fuzzing: a nightly compiler and cargo-fuzz, got if they are missing. */
export function bootstrapFuzz() {
  const env = { ...process.env };
  env.PATH = [join(tools, 'bin'), env.PATH].join(delimiter);
  if (!ask('rustup', ['toolchain', 'list'])?.includes('nightly')) {
    say('a nightly compiler');
    run('rustup', ['toolchain', 'install', 'nightly', '--profile', 'minimal']);
  }
  crate(env, 'cargo-fuzz', 'cargo-fuzz', CARGO_FUZZ, []);
  return env;
}

/** The version of wasm-bindgen that Cargo.lock holds: the CLI must be the same. */
function wasmBindgenVersion() {
  const lock = readFileSync(path('Cargo.lock'), 'utf8');
  return lock.match(/name = "wasm-bindgen"\nversion = "([^"]+)"/)[1];
}

/** Installs the npm packages of a folder of the repository as its lock file says, once. */
export function npmPackages(...folder) {
  const installed = path(...folder, 'node_modules', '.package-lock.json');
  const lock = path(...folder, 'package-lock.json');
  if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(lock).mtimeMs) return;
  say(['npm packages', ...folder].join(' '));
  // Not `npm ci`: it refuses a lock file without the packages of other platforms, which a registry may not offer.
  run('npm', ['install', '--no-save', '--ignore-scripts', '--no-audit', '--no-fund'], {
    cwd: path(...folder),
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}

function rustTarget() {
  const target = 'wasm32-unknown-unknown';
  if (ask('rustup', ['target', 'list', '--installed'])?.split('\n').includes(target)) return;
  say('the wasm target');
  run('rustup', ['target', 'add', target]);
}

function crate(env, command, name, version, flags) {
  if (ask(command, ['--version'], { env })?.split(' ')[1] === version) return;
  say(`${name} ${version} (once, some minutes)`);
  // Without --locked: the lock file of the CLI can name a crate that the registry no longer offers.
  run('cargo', ['install', name, '--version', version, '--root', tools, '--quiet', ...flags]);
}

/**
 * A folder with a `wasm-bindgen` for wasm-pack that asks for glue which can be started again after a trap, and
 * that does not refer to a file beside it, and leaves functions the names that the linker knows.
 */
function shim(env) {
  const folder = join(tools, 'shim');
  const real = ask('sh', ['-c', 'command -v wasm-bindgen'], { env });
  mkdirSync(folder, { recursive: true });
  const script = `#!/bin/sh
case "$*" in
  *--version*) exec "${real}" "$@" ;;
  *) exec "${real}" "$@" --experimental-reset-state-function --omit-default-module-path --no-demangle ;;
esac
`;
  writeFileSync(join(folder, 'wasm-bindgen'), script);
  chmodSync(join(folder, 'wasm-bindgen'), 0o755);
  return folder;
}
