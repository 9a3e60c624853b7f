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

/** How many copies of the core a file holds, bare or as base64: two modules, one inside the other or side by side. */
export function copies(file) {
  const bytes = readFileSync(file);
  if (bytes.subarray(0, 4).equals(Buffer.from('\0asm'))) return 1;
  return (bytes.toString('latin1').split(WASM).length - 1) / 2;
}
