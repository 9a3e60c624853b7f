/** For the test of the restart, in a build of its own: stops the engine in the middle of a call. */
import { call } from '../engine/engine.js';

export function trap(): void {
  call((core) => (core as unknown as { trap(): void }).trap());
}
