/** For the entries and the tests of this package alone; no subpath leads here. */
export { memoryBytes, provideBytes } from '../engine/engine.js';
