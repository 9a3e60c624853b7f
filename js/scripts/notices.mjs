/** The licence notices of every crate that is compiled into core.wasm, and of the npm packages that entries bundle. */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { root } from './run.mjs';

/** One text: each licence file once, under the crates that carry it. */
export function notices() {
  const texts = new Map();
  for (const { name, version, license, manifest_path: manifest } of compiledCrates()) {
    const folder = dirname(manifest);
    const files = readdirSync(folder).filter((file) => /^(licen[cs]e|copying|notice|unlicense)/i.test(file));
    const chosen = files.length
      ? files.map((file) => readFileSync(join(folder, file), 'utf8').trim())
      : [`Licence: ${license}`];
    for (const text of chosen)
      texts.set(text, [...(texts.get(text) ?? []), `${name} ${version} (${license})`]);
  }
  const parts = [...texts].map(([text, crates]) => `${crates.join('\n')}\n\n${text}\n`);
  parts.push(bundled('@cfworker/json-schema'), bundled('fflate'));
  return `core.wasm, the schema entry and inline.cjs contain these works.\n\n${parts.join(`\n${'-'.repeat(80)}\n\n`)}`;
}

/** The notice of an npm package that an entry bundles; not each of them ships a licence file of its own. */
function bundled(name) {
  const folder = join(root, 'node_modules', name);
  const { version, license, author } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  if (existsSync(join(folder, 'LICENSE')))
    return `${name} ${version} (${license})\n\n${readFileSync(join(folder, 'LICENSE'), 'utf8').trim()}\n`;
  if (license !== 'MIT') throw new Error(`${name} is under ${license} now: its notice must be written anew`);
  return `${name} ${version} (${license})\n\nCopyright (c) ${author.replace(/ <.*/, '')}\n\n${MIT}\n`;
}

const MIT = `Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated
documentation files (the "Software"), to deal in the Software without restriction, including without limitation the
rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit
persons to whom the Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the
Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE
WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR
COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR
OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.`;

/** The crates in the module, from Cargo's resolved graph: normal dependencies for wasm, ours left out. */
export function compiledCrates() {
  const args = [
    'metadata',
    '--format-version',
    '1',
    '--locked',
    '--filter-platform',
    'wasm32-unknown-unknown',
  ];
  const graph = JSON.parse(
    execFileSync('cargo', args, { cwd: root, maxBuffer: 1 << 28, stdio: ['ignore', 'pipe', 'ignore'] }),
  );
  const nodes = new Map(graph.resolve.nodes.map((node) => [node.id, node]));
  const packages = new Map(graph.packages.map((entry) => [entry.id, entry]));
  const isMacro = (id) => packages.get(id).targets.some(({ kind }) => kind.includes('proc-macro'));
  const found = new Set();
  const visit = (id) => {
    if (found.has(id) || isMacro(id)) return;
    found.add(id);
    for (const { pkg, dep_kinds: kinds } of nodes.get(id).deps)
      if (kinds.some(({ kind }) => kind === null)) visit(pkg);
  };
  visit(graph.resolve.root);
  found.delete(graph.resolve.root);
  return [...found].map((id) => packages.get(id)).sort((a, b) => a.name.localeCompare(b.name));
}
