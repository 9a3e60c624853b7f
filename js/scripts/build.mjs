/**
 * Builds `pkg/`: exactly what `npm publish` would send.
 *
 *     npm run build               the release
 *     npm run build -- --quick    without optimization, for the daily loop
 *     npm run build -- --trap     below target/trap-pkg, with the export that traps, for the test of the restart
 */
import { createHash } from 'node:crypto';
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { deflateRawSync } from 'node:zlib';
import { bootstrap } from './bootstrap.mjs';
import { commonjs } from './commonjs.mjs';
import { fetchOnUse } from './exports.mjs';
import { notices } from './notices.mjs';
import { main, path, run, say } from './run.mjs';
import { bare } from './wasm.mjs';

/** The public entries of the package; `.` is `index`. */
const ENTRIES = {
  index: 'js/src/entry/inline.ts',
  slim: 'js/src/entry/slim.ts',
  errors: 'js/src/errors.ts',
  openfeature: 'js/src/openfeature.ts',
  dompurify: 'js/src/dompurify.ts',
  schema: 'js/src/schema.ts',
};

/** In CommonJS, the main entry outside Node is another one. */
const COMMONJS = { index: 'js/src/entry/deflated.ts' };

/** Files that no subpath leads to: for the entries themselves, and for tests. */
const PRIVATE = { provider: 'js/src/entry/provider.ts' };
const TRAP = { trap: 'js/src/entry/trap.ts' };

/** Builds one variant of the package and answers its folder. */
export async function build({ quick = false, trap = false } = {}) {
  const env = bootstrap();
  const variant = trap ? 'trap' : quick ? 'quick' : 'release';
  const finished = trap ? path('target', 'trap-pkg') : path('pkg');
  const out = `${trap ? finished : path('target', 'pkg')}.next`;
  const glue = path('target', 'glue', variant);
  wasm(env, { variant, trap, glue });
  const linked = path(
    'target',
    'wasm32-unknown-unknown',
    variant === 'release' ? 'release' : 'quick',
    'vespera_security.wasm',
  );
  const parts = await fetchOnUse(glue, linked);
  rmSync(out, { recursive: true, force: true });
  mkdirSync(out, { recursive: true });
  cpSync(join(glue, 'core.d.ts'), path('target', 'glue', 'core.d.ts'));
  const core = bytes(glue, out, parts);
  await scripts(glue, out, { ...ENTRIES, ...PRIVATE, ...(trap ? TRAP : {}) });
  nodeEntry(out, core);
  types(out);
  manifest(out, core);
  await facades(out);
  rmSync(finished, { recursive: true, force: true });
  renameSync(out, finished);
  say(`${relative(path(), finished)}/: core.wasm has ${(core.bytes / 1e6).toFixed(2)} MB`);
  return finished;
}

/** Rust to WebAssembly, with its private glue. */
function wasm(env, { variant, trap, glue }) {
  say(`the core (${variant})`);
  const mode = variant === 'release' ? ['--release'] : ['--profile', 'quick', '--no-opt'];
  const features = trap ? ['--features', 'trap'] : [];
  run(
    'wasm-pack',
    [
      '--quiet',
      'build',
      '.',
      ...mode,
      '--mode',
      'no-install',
      '--target',
      'web',
      '--no-pack',
      '--no-gitignore',
    ].concat(['--out-dir', glue, '--out-name', 'core', '--', '--locked', ...features]),
    { env: { ...env, CARGO_ENCODED_RUSTFLAGS: rustflags().join('\x1f') } },
  );
  const core = join(glue, 'core_bg.wasm');
  writeFileSync(core, bare(readFileSync(core), ['name', 'target_features']));
  if (variant === 'release') run('wasm-opt', [core, '-o', core, ...OPTIMIZED], { env });
}

/** No function is put into another one: LLVM has done that, and constants.mjs has to know each of them by its name. */
const OPTIMIZED = [
  '--no-inline=*',
  '-O3',
  '--debuginfo',
  '--enable-bulk-memory',
  '--enable-multivalue',
  '--enable-mutable-globals',
  '--enable-nontrapping-float-to-int',
  '--enable-reference-types',
  '--enable-sign-ext',
  '--enable-simd',
];

/**
 * SIMD is everywhere above the floor of this package; what is short is put in place, and the rest is called, which
 * takes a tenth off the module; relocations say which function reads which constant; paths of the building machine stay
 * out of messages.
 */
export function rustflags() {
  run('cargo', ['fetch', '--quiet', '--locked', '--target', 'wasm32-unknown-unknown']);
  const sources = join(process.env.CARGO_HOME ?? join(homedir(), '.cargo'), 'registry', 'src');
  const registries = readdirSync(sources).map((name) => join(sources, name));
  const remapped = [[path(), '.'], ...registries.map((folder) => [folder, 'crates'])];
  return [
    '-Ctarget-feature=+simd128',
    '-Cllvm-args=-inline-threshold=50',
    '-Clink-arg=--emit-relocs',
    ...remapped.map(([from, to]) => `--remap-path-prefix=${from}=${to}`),
  ];
}

/**
 * core.wasm under a name that carries its hash, and its parts as base64, once per format. In CommonJS each has a
 * script of its own, because engines read a script's functions twice: once to find their ends. Those that are needed
 * later are deflated there, as the host reads all of a bundle before it runs any of it.
 */
function bytes(glue, out, parts) {
  const wasm = readFileSync(join(glue, 'core_bg.wasm'));
  const sha256 = createHash('sha256').update(wasm).digest('hex');
  const core = { file: `core.${sha256.slice(0, 12)}.wasm`, bytes: wasm.length, parts };
  const write = (name, content) => writeFileSync(join(out, name), content);
  write(core.file, wasm);
  const literal = (part) => `'${Buffer.from(part).toString('base64')}'`;
  const plain = parts.map(({ start, end }) => wasm.subarray(start, end));
  plain.forEach((part, at) => {
    const packed = at === 0 ? part : deflateRawSync(part, { level: 9 });
    write(`bytes.${at}.cjs`, `module.exports = ${literal(packed)};\n`);
  });
  const constants = plain.map((part, at) => `const part${at} = ${literal(part)};\n`);
  const list = (item) => `[${plain.map((_, at) => `() => ${item(at)}`).join(', ')}]`;
  write('bytes.cjs', `module.exports = { parts: ${list((at) => `require('./bytes.${at}.cjs')`)} };\n`);
  write('bytes.mjs', `${constants.join('')}export const parts = ${list((at) => `part${at}`)};\n`);
  return core;
}

/** TypeScript to ESM with shared chunks, and to CommonJS with chunks of its own: one state per format. */
async function scripts(glue, out, entries) {
  const { build, transform } = await import('esbuild');
  const common = { target: 'es2022', legalComments: 'none', logLevel: 'warning' };
  const bundle = (outdir, points, plugins = []) =>
    build({
      ...common,
      entryPoints: Object.fromEntries(Object.entries(points).map(([name, file]) => [name, path(file)])),
      bundle: true,
      splitting: true,
      format: 'esm',
      outdir,
      outExtension: { '.js': '.mjs' },
      chunkNames: 'shared-[hash]',
      alias: { '#glue': join(glue, 'core.js') },
      plugins: [...PLUGINS, ...plugins],
    });
  await bundle(out, entries);

  await commonjs(out, { ...entries, ...COMMONJS }, bundle, (source) =>
    transform(source, { ...common, format: 'cjs', platform: 'node' }),
  );
  variants(out);
}

const PLUGINS = [
  {
    // A pattern of a schema runs in the core: JavaScript's own expressions can be made to hang.
    name: 'linear-expressions',
    setup: (b) =>
      b.onLoad({ filter: /@cfworker\/json-schema\/dist\/esm\/(validate|format)\.js$/ }, (file) => ({
        contents: `import { CoreExpression as RegExp } from ${JSON.stringify(path('js', 'src', 'schema', 'expression.ts'))};\n${readFileSync(file.path, 'utf8')}`,
      })),
  },
  {
    name: 'bytes',
    setup: (b) => b.onResolve({ filter: /\/bytes\.js$/ }, () => ({ path: './bytes.mjs', external: true })),
  },
];

/** Entries that differ from another one by a line. */
function variants(out) {
  // Outside Node, `require` gets the bytes from scripts; index.cjs is Node's.
  cpSync(join(out, 'index.cjs'), join(out, 'inline.cjs'));
  const prefix = (from, to, line) =>
    writeFileSync(join(out, to), line + readFileSync(join(out, from), 'utf8'));
  // This entry has the bytes of the main one.
  prefix('dompurify.mjs', 'dompurify.mjs', "import './index.mjs';\n");
  // As with the original, what `require` answers is the sanitizer itself.
  appendFileSync(join(out, 'dompurify.cjs'), 'module.exports = module.exports.DOMPurify;\n');
  prefix('dompurify.cjs', 'dompurify.inline.cjs', "require('./inline.cjs');\n");
  prefix('dompurify.cjs', 'dompurify.cjs', "require('./index.cjs');\n");
}

/** Node's own entry reads the file beside it, and passes on the names of the slim one. */
function nodeEntry(out, core) {
  const read = (name) => readFileSync(join(out, name), 'utf8');
  const [, engine] = read('provider.cjs').match(/provideBytes\s*\} = require\("(.*)"\)/);
  const source = readFileSync(path('js', 'src', 'entry', 'node.cjs'), 'utf8').replace('%engine%', engine);
  const entry = source.replace(/'%(\w+)%'/g, (_, name) => JSON.stringify(core[name]));
  writeFileSync(join(out, 'index.cjs'), entry + read('slim.cjs').replace("'use strict';\n", '\n'));
}

/** Declarations: one tree, and for each entry a file of either format that points into it. */
function types(out) {
  run('node_modules/.bin/tsc', ['-p', '.', '--outDir', join(out, 'types')]);
  const tree = { index: 'index', slim: 'index' };
  for (const name of Object.keys(ENTRIES)) {
    const target = `./types/${tree[name] ?? name}.js`;
    const also = name === 'dompurify' ? `export { default } from '${target}';\n` : '';
    writeFileSync(join(out, `${name}.d.mts`), `export * from '${target}';\n${also}`);
    const required =
      name === 'dompurify'
        ? `import DOMPurify from '${target}';\nexport = DOMPurify;\n`
        : `export * from '${target}';\n`;
    writeFileSync(join(out, `${name}.d.cts`), required);
  }
  rmSync(join(out, 'types', 'entry'), { recursive: true, force: true });
}

/** package.json, README, changelog, licences and notices. */
function manifest(out, core) {
  const version = readFileSync(path('Cargo.toml'), 'utf8').match(/^version = "([^"]+)"/m)[1];
  const template = readFileSync(path('pkg-template', 'package.json'), 'utf8')
    .replace('%VERSION%', version)
    .replace('%CORE%', core.file);
  const filled = JSON.parse(template, (key, value) =>
    value === '%SUBPATH%' ? subpath(key.slice(2)) : value,
  );
  writeFileSync(join(out, 'package.json'), `${JSON.stringify(filled, null, 2)}\n`);
  for (const file of ['CHANGELOG.md', 'LICENSE-APACHE', 'LICENSE-MIT']) cpSync(path(file), join(out, file));
  cpSync(path('schemas'), join(out, 'schemas'), { recursive: true });
  cpSync(path('pkg-template', 'README.md'), join(out, 'README.md'));
  writeFileSync(join(out, 'THIRD-PARTY-NOTICES.txt'), notices());
}

/** In Node, `import` is a facade over the CommonJS files: both see one state. */
function subpath(name) {
  return {
    node: {
      import: { types: `./${name}.d.mts`, default: `./${name}.node.mjs` },
      require: { types: `./${name}.d.cts`, default: `./${name}.cjs` },
    },
    require: { types: `./${name}.d.cts`, default: `./${name}.cjs` },
    default: { types: `./${name}.d.mts`, default: `./${name}.mjs` },
  };
}

async function facades(out) {
  for (const name of Object.keys(ENTRIES)) {
    const names = Object.keys(
      await import(pathToFileURL(join(out, `${name === 'index' ? 'slim' : name}.mjs`))),
    );
    const exported = names.filter((key) => key !== 'default');
    const lines = [`import lib from './${name}.cjs';`];
    if (names.includes('default'))
      lines.push(...exported.map((key) => `export { lib as ${key} };`), 'export default lib;');
    else lines.push(`export const {\n  ${exported.join(',\n  ')},\n} = lib;`);
    writeFileSync(join(out, name === 'index' ? 'node.mjs' : `${name}.node.mjs`), `${lines.join('\n')}\n`);
  }
}

/**
 * Builds one variant unless it was built from these very files.
 */
export async function buildIfStale(options = {}) {
  const stamp = path('target', `${options.trap ? 'trap-pkg' : 'pkg'}.stamp`);
  const wanted = fingerprint();
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  rmSync(stamp, { force: true });
  await build(options);
  writeFileSync(stamp, wanted);
}

/** A hash of everything that a package is made of. */
function fingerprint() {
  const hash = createHash('sha256');
  const inputs = [
    'Cargo.lock',
    'Cargo.toml',
    'package-lock.json',
    'tsconfig.json',
    'src',
    'js/src',
    'js/scripts/bootstrap.mjs',
    'js/scripts/build.mjs',
    'js/scripts/commonjs.mjs',
    'js/scripts/constants.mjs',
    'js/scripts/exports.mjs',
    'js/scripts/notices.mjs',
    'js/scripts/profile.mjs',
    'js/scripts/split.mjs',
    'js/scripts/wasm.mjs',
    'pkg-template',
  ];
  const visit = (file) => {
    if (statSync(path(file)).isDirectory()) {
      for (const name of readdirSync(path(file)).sort()) visit(`${file}/${name}`);
    } else {
      hash.update(`${file}\0`).update(readFileSync(path(file)));
    }
  };
  inputs.forEach(visit);
  return hash.digest('hex');
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  // Built by hand, so that the next test or start does not take it for something else.
  rmSync(path('target', 'pkg.stamp'), { force: true });
  await main((args) => build({ quick: args.includes('--quick'), trap: args.includes('--trap') }));
}
