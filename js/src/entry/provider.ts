/** For the entries of this package alone: how the bytes arrive. */
export { setBytesProvider } from '../engine/engine.js';
