/** The page that starts the worker. */
const { report } = globalThis;
const worker = new Worker(new URL('./worker.mjs', import.meta.url), { type: 'module' });
worker.onmessage = ({ data }) => report(data);
worker.onerror = ({ message }) => report([{ name: 'start', error: message || 'the worker did not start' }]);
