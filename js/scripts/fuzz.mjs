/**
 * Fuzzes: each target of tests/fuzz/ for a minute, from the corpus that is committed.
 *
 *     npm run fuzz                         every target
 *     npm run fuzz -- html --seconds=600   one target, longer
 *
 * Needs a nightly compiler and `cargo install cargo-fuzz`.
 */
import { readdirSync } from 'node:fs';
import { main, path, run, say } from './run.mjs';

await main(async (args) => {
  const seconds = Number(args.find((arg) => arg.startsWith('--seconds='))?.slice('--seconds='.length) ?? 60);
  const names = args.filter((arg) => !arg.startsWith('--'));
  const targets = readdirSync(path('tests', 'fuzz', 'targets')).map((file) => file.replace(/\.rs$/, ''));
  const unknown = names.filter((name) => !targets.includes(name));
  if (unknown.length)
    throw new Error(`no such target: ${unknown.join(', ')}; there are ${targets.join(', ')}`);
  for (const target of names.length ? names : targets) {
    say(`${target}, ${seconds} s`);
    // What is found new goes below target/, so that the committed corpus stays small.
    const found = path('tests', 'fuzz', 'target', 'corpus', target);
    run('mkdir', ['-p', found]);
    run('cargo', [
      '+nightly',
      'fuzz',
      'run',
      '--fuzz-dir',
      path('tests', 'fuzz'),
      target,
      found,
      path('tests', 'fuzz', 'corpus', target),
      '--',
      `-max_total_time=${seconds}`,
      '-max_len=4096',
    ]);
  }
});
