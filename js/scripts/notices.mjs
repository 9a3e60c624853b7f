/** The licence notices of every crate that is compiled into core.wasm. */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
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
  return `core.wasm contains these works.\n\n${parts.join(`\n${'-'.repeat(80)}\n\n`)}`;
}

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
