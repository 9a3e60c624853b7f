/** The tarball in Node projects as people have them. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { renameSync } from 'node:fs';
import { after, test } from 'node:test';
import { bundle, copies } from './bundle.mjs';
import { install } from './tarball.mjs';

const ANSWERS = [true, true, true, true, true, false];
const { at, remove } = install(['node-cjs', 'node-esm', 'mixed', 'esbuild-extension-host']);
after(remove);

for (const [name, file] of [
  ['node-cjs', 'main.cjs'],
  ['node-esm', 'main.mjs'],
]) {
  test(name, () => {
    assert.deepEqual(node(at(name, file)), { answers: ANSWERS, code: 'ERR_CONFIG_INVALID' });
  });
}

test('mixed: one bucket and one engine, whether required or imported', () => {
  assert.deepEqual(node(at('mixed', 'main.mjs')), {
    answers: [true, true, false, false],
    caught: true,
    oneClass: true,
    oneError: true,
    slimWorks: true,
  });
});

test('esbuild-extension-host: a bundle that was moved works from its own bytes', async () => {
  const built = at('esbuild-extension-host', 'extension.cjs');
  await bundle(at('esbuild-extension-host', 'extension.js'), built, {
    format: 'cjs',
    platform: 'node',
    external: ['vscode'],
  });
  assert.equal(copies(built), 1);
  const moved = at('elsewhere', 'extension.cjs');
  renameSync(built, moved);
  assert.deepEqual(node('-e', activation(moved)), { answers: ANSWERS, clean: '<p>hi</p>' });
});

/** Loads the extension with a `vscode` that prints what it is told to show. */
const activation = (file) => `
  const Module = require('node:module');
  const load = Module._load;
  const vscode = { window: { showInformationMessage: console.log } };
  Module._load = function (name) { return name === 'vscode' ? vscode : load.apply(this, arguments); };
  require(${JSON.stringify(file)}).activate();`;

/** Runs Node and reads the JSON that it prints. */
function node(...args) {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    cwd: at(),
    encoding: 'utf8',
    timeout: 60_000,
  });
  assert.equal(status, 0, stderr);
  return JSON.parse(stdout);
}
