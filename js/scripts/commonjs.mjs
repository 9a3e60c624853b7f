/**
 * The CommonJS files of the package. esbuild splits ES modules only, so it bundles those first, and each becomes a
 * CommonJS file that loads no more than it needs.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { path } from './run.mjs';

/** The domains that CommonJS loads together, when one of their names is first asked for. Each file more costs 0.4 ms. */
const PARTS = [
  ['html', 'markup', 'text'], // in one file with the engine
  ['limit', 'breaker', 'flags'],
  ['threat', 'sanitizer', 'crypto', 'consent', 'stores'],
];

/** Writes them into `out`; `bundle` writes entry points as ES modules, and `transform` makes CommonJS of one. */
export async function commonjs(out, entries, bundle, transform) {
  const stage = path('target', 'commonjs');
  rmSync(stage, { recursive: true, force: true });
  mkdirSync(stage, { recursive: true });
  const points = { ...entries, ...parts(stage) };
  await bundle(stage, points, [together(points, entries.errors)]);
  const read = (file) => readFileSync(join(stage, file), 'utf8');
  const files = readdirSync(stage).filter((name) => name.endsWith('.mjs'));
  const empty = files.filter((file) => read(file).trim() === '');
  for (const file of files.filter((name) => !empty.includes(name))) {
    const source = read(file).replaceAll(/^import "\.\/(.+)";\n/gm, (line, chunk) =>
      empty.includes(chunk) ? '' : line,
    );
    const { code } =
      file === 'slim.mjs'
        ? { code: onDemand(source) }
        : await transform(readOnce(source, file.startsWith('shared-')));
    writeFileSync(join(out, file.replace(/\.mjs$/, '.cjs')), code);
  }
}

/** An entry for each of the parts in which CommonJS loads the public names. */
function parts(folder) {
  const exported = /^(?!export type ).*from '\.\/((\w+).*)\.js'/gm;
  const files = [...readFileSync(path('js/src/index.ts'), 'utf8').matchAll(exported)];
  return Object.fromEntries(
    PARTS.map((domains, at) => {
      const entry = join(folder, `part${at}.ts`);
      const names = files.filter(([, , domain]) => domains.includes(domain)).map(([, name]) => name);
      const lines = names.map((name) => `export * from ${JSON.stringify(path('js/src', `${name}.ts`))};\n`);
      writeFileSync(entry, lines.join(''));
      return [`part/${at}`, relative(path(), entry)];
    }),
  );
}

/**
 * The engine and the first part in one file: esbuild makes one of all that is imported by the same entries, so each of
 * them imports everything of it. The errors stay apart, because an entry has nothing else.
 */
function together(points, errors) {
  const folders = ['engine', ...PARTS[0]].map((name) => `${path('js', 'src', name)}/`);
  const files = sources(path('js', 'src')).filter((file) =>
    folders.some((folder) => file.startsWith(folder) || file === folder.replace(/\/$/, '.ts')),
  );
  const lines = files.map((file) => `import ${JSON.stringify(file)};\n`).join('');
  const importing = Object.values(points).filter((file) => file !== errors);
  return {
    name: 'together',
    setup: (b) =>
      b.onLoad({ filter: /\.ts$/ }, ({ path: file }) =>
        importing.includes(relative(path(), file))
          ? { contents: lines + readFileSync(file, 'utf8'), loader: 'ts' }
          : undefined,
      ),
  };
}

/**
 * What a CommonJS file takes from a chunk is read once, when it is loaded: two getters at each use were a fifth of a
 * take from a bucket. So no variable that changes may be exported, and what a chunk exports is an object.
 */
function readOnce(source, isShared) {
  const changing = sources(path('js', 'src')).filter((file) =>
    /^export let /m.test(readFileSync(file, 'utf8')),
  );
  if (changing.length > 0)
    throw new Error(`${changing.join(', ')}: export an object with a field, not a variable`);
  return source
    .replaceAll(/(from\s*|import\s*)"(\.\/[^"]+)\.mjs"/g, '$1"$2.cjs"')
    .replace(/^export \{([^}]*)\};$/m, (exported, names) =>
      isShared ? `module.exports = {${names.replaceAll(/(\w+) as (\w+)/g, '$2: $1')}};` : exported,
    )
    .replaceAll(
      /import\s*\{([^}]*)\}\s*from\s*("\.\/shared-[^"]+")/g,
      (_, names, from) => `const {${names.replaceAll(' as ', ': ')}} = require(${from})`,
    );
}

/** An entry that only passes names on: each chunk is loaded when one of its names is first asked for. */
function onDemand(source) {
  const lines = [...source.matchAll(/import\s*\{([^}]*)\}\s*from\s*"(\.\/[^"]+)\.mjs"/g)].flatMap(
    ([, names, file]) =>
      names.match(/\w+/g).map((name) => `  ${name}: get('${name}', () => require('${file}.cjs')),`),
  );
  if (source.includes(' as ')) throw new Error('slim: a name is passed on under another one');
  return `'use strict';
const get = (name, load) => ({
  configurable: true,
  enumerable: true,
  get() {
    const value = load()[name];
    Object.defineProperty(exports, name, { enumerable: true, value });
    return value;
  },
});
Object.defineProperties(exports, {
  __esModule: { value: true },
${lines.join('\n')}
});
`;
}

function sources(folder) {
  return readdirSync(folder, { recursive: true })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(folder, name));
}
