/** The bundlers that the consumers use. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as esbuild from 'esbuild';
import * as vite from 'vite';

/** Bundles a file with esbuild and answers the paths of what went in. */
export async function bundle(entry, outfile, options) {
  const { metafile } = await esbuild.build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    metafile: true,
    logLevel: 'warning',
    ...options,
  });
  return Object.keys(metafile.inputs);
}

/** Builds an application with Vite as it comes and answers the files that came out. */
export async function application(root, outDir) {
  await vite.build({ root, configFile: false, logLevel: 'error', build: { outDir } });
  return readdirSync(outDir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, path, name }) => join(parentPath ?? path, name));
}

/** How many copies of the core a file holds, bare or as base64, by the beginning of it. */
export function copies(file) {
  const bytes = readFileSync(file, 'latin1');
  return [BEGINNING.toString('latin1'), BEGINNING.toString('base64')]
    .map((beginning) => bytes.split(beginning).length - 1)
    .reduce((sum, count) => sum + count);
}

const pkg = fileURLToPath(new URL('../../pkg', import.meta.url));
const core = readdirSync(pkg).find((name) => /^core\.\w+\.wasm$/.test(name));
const BEGINNING = readFileSync(join(pkg, core)).subarray(0, 96);
