/**
 * From a clone to something to look at: builds what is missing, shows the package at work in the terminal, and
 * serves the playground.
 *
 *     npm start
 *     npm start -- --no-serve      ends after the demonstration
 *     PORT=8080 npm start          on a port of your choice
 */
import { pathToFileURL } from 'node:url';
import { bootstrap } from './bootstrap.mjs';
import { buildIfStale } from './build.mjs';
import { demonstrate } from './demo.mjs';
import { main, path } from './run.mjs';
import { servePlayground } from './serve.mjs';

await main(async (args) => {
  bootstrap();
  await buildIfStale();
  await demonstrate(await import(pathToFileURL(path('pkg', 'node.mjs'))));
  if (args.includes('--no-serve')) return;
  const { address } = await servePlayground();
  console.log(`The playground is at ${address} (Ctrl+C ends it)`);
});
