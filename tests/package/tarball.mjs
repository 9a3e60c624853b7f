/** The package as npm would deliver it: packed, and installed into copies of the consumers. */
import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ask, atExit, path } from '../../js/scripts/run.mjs';

/** Packs `pkg/` into a folder and answers the path of the tarball. */
export function pack(folder) {
  const printed = npm(['pack', path('pkg'), '--pack-destination', folder, '--json']);
  const [{ filename }] = Object.values(JSON.parse(printed));
  return join(folder, filename);
}

/**
 * Makes a folder outside the repository, so that nothing of it can be found by accident, installs the tarball there
 * and copies the named consumers beside it. Answers `at(...path)` for paths in that folder, the tarball's path, and
 * `remove()`.
 */
export function install(consumers) {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'vespera-consumers-')));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  atExit(remove);
  try {
    const tarball = pack(folder);
    writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
    npm(['install', '--offline', '--no-package-lock', tarball], folder);
    for (const name of consumers)
      cpSync(path('tests', 'package', name), join(folder, name), { recursive: true });
    mkdirSync(join(folder, 'elsewhere'));
    return { at: (...parts) => join(folder, ...parts), tarball, remove };
  } catch (error) {
    remove();
    throw error;
  }
}

function npm(args, cwd) {
  const quiet = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  const printed = ask('npm', [...args, ...quiet], {
    stdio: ['ignore', 'pipe', 'inherit'],
    ...(cwd && { cwd }),
  });
  if (printed === undefined) throw new Error(`npm ${args[0]} failed`);
  return printed;
}
