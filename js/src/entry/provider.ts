/** For the entries and the tests of this package alone; no subpath leads here. */
export { memoryBytes, setBytesProvider } from '../engine/engine.js';
