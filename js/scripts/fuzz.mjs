/**
 * Fuzzes: each target of tests/fuzz/ for a minute, from the corpus that is committed.
 *
 *     npm run fuzz                         every target
 *     npm run fuzz -- html --seconds=600   one target, longer
 *     npm run fuzz -- html --runs=1000000  one target, so many executions
 *
 * Gets a nightly compiler and cargo-fuzz where they are missing. There is no address sanitizer: nothing here is
 * `unsafe`, and without it a target runs several times as often.
 */
import { copyFileSync, existsSync, mkdirSync, readdirSync } from 'node:fs';
import { bootstrapFuzz } from './bootstrap.mjs';
import { main, path, run, say } from './run.mjs';

const FOLDER = path('tests', 'fuzz');

await main(async (args) => {
  const option = (name) => args.find((arg) => arg.startsWith(`--${name}=`))?.slice(name.length + 3);
  const names = args.filter((arg) => !arg.startsWith('--'));
  const targets = readdirSync(path('tests', 'fuzz', 'targets')).map((file) => file.replace(/\.rs$/, ''));
  const unknown = names.filter((name) => !targets.includes(name));
  if (unknown.length)
    throw new Error(`no such target: ${unknown.join(', ')}; there are ${targets.join(', ')}`);
  const runs = option('runs');
  const bound = runs ? `-runs=${Number(runs)}` : `-max_total_time=${Number(option('seconds') ?? 60)}`;
  const env = bootstrapFuzz();
  // What is fuzzed is what is tested: the same versions.
  const lock = path('tests', 'fuzz', 'Cargo.lock');
  if (!existsSync(lock)) copyFileSync(path('Cargo.lock'), lock);
  for (const target of names.length ? names : targets) {
    say(`${target}, ${bound}`);
    // What is found new goes below target/, so that the committed corpus stays small.
    const found = path('tests', 'fuzz', 'target', 'corpus', target);
    mkdirSync(found, { recursive: true });
    const dictionary = path('tests', 'fuzz', 'dictionaries', `${target}.dict`);
    const corpora = [found, path('tests', 'fuzz', 'corpus', target)].filter(existsSync);
    run(
      'cargo',
      ['+nightly', 'fuzz', 'run', '--fuzz-dir', FOLDER, '--sanitizer', 'none', target]
        .concat(corpora)
        .concat([
          '--',
          bound,
          ...(existsSync(dictionary) ? [`-dict=${dictionary}`] : []),
          '-max_len=2048',
          '-timeout=20',
          '-print_final_stats=1',
        ]),
      { env },
    );
  }
});
