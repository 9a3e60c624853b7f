/** The bundlers that the consumers use. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as esbuild from 'esbuild';
import * as vite from 'vite';

/** How base64 of a WebAssembly module starts. */
const WASM = 'AGFzbQEAAAA';

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

/** How many copies of the core a bundle for Node holds: the front as base64, and behind it what is deflated. */
export function copies(file) {
  return readFileSync(file, 'latin1').split(WASM).length - 1;
}
