/** The types in strict projects: with Node's types or with the DOM's, for Node's resolution and a bundler's. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, writeFileSync } from 'node:fs';
import { after, test } from 'node:test';
import { path } from '../../js/scripts/run.mjs';
import { install } from './tarball.mjs';

const COMPILERS = {
  typescript: path('node_modules', 'typescript', 'bin', 'tsc'),
  'typescript-5': path('tests', 'package', 'node_modules', 'typescript-5', 'bin', 'tsc'),
};
const LIBRARIES = {
  'Node types': { lib: ['ES2022'], types: ['node'], typeRoots: [path('node_modules', '@types')] },
  DOM: { lib: ['ES2022', 'DOM'], types: [] },
};
const RESOLUTIONS = {
  node16: { options: { module: 'node16', moduleResolution: 'node16' }, files: ['use.mts', 'use.cts'] },
  bundler: { options: { module: 'esnext', moduleResolution: 'bundler' }, files: ['use.ts'] },
};

const { at: within, remove } = install(['types']);
after(remove);
const at = (name) => within('types', name);
for (const name of ['use.mts', 'use.cts']) cpSync(at('use.ts'), at(name));

for (const [libraries, library] of Object.entries(LIBRARIES)) {
  for (const [resolution, { options, files }] of Object.entries(RESOLUTIONS)) {
    test(`${libraries}, ${resolution}`, () => compiles('typescript', { ...library, ...options }, files));
  }
}

// Once is enough: the older compiler takes 20 times as long.
test('Node types, node16, TypeScript 5', () => {
  const { options, files } = RESOLUTIONS.node16;
  compiles('typescript-5', { ...LIBRARIES['Node types'], ...options }, files);
});

let projects = 0;

function compiles(compiler, options, files) {
  const strict = { target: 'es2022', strict: true, exactOptionalPropertyTypes: true, skipLibCheck: false };
  const project = at(`tsconfig.${++projects}.json`);
  writeFileSync(project, JSON.stringify({ compilerOptions: { ...strict, noEmit: true, ...options }, files }));
  const { status, stdout } = spawnSync(process.execPath, [COMPILERS[compiler], '-p', project], {
    encoding: 'utf8',
  });
  assert.equal(status, 0, stdout);
}
