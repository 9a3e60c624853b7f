/**
 * What stands in for `RegExp` inside the validator: the core's expressions, which cannot be made to hang. The build
 * puts this class in the place of the global one (`js/scripts/build.mjs`).
 */
import { call } from '../engine/engine.js';
import { type Kind, Resident } from '../engine/resident.js';

const KIND: Kind = { domain: 'schema', free: (core, handle) => core.expressionFree(handle) };

/** How many compiled patterns are kept. */
const MAX_KEPT = 512;
const kept = new Map<string, Resident>();

/** A pattern of a schema, compiled once. It matches anywhere in a text, as JSON Schema says. */
export class CoreExpression {
  readonly #resident: Resident;

  /** @throws VesperaSecurityError `ERR_CONFIG_INVALID` with the position of what the core does not take */
  constructor(pattern: string, _flags?: string) {
    let resident = kept.get(pattern);
    if (!resident) {
      const make: ConstructorParameters<typeof Resident>[1] = (core) =>
        core.expressionNew(pattern, 'schema: a pattern');
      resident = new Resident(KIND, make, make);
      const oldest = kept.size >= MAX_KEPT ? kept.keys().next().value : undefined;
      if (oldest !== undefined) kept.delete(oldest);
      kept.set(pattern, resident);
    }
    this.#resident = resident;
  }

  test(text: string): boolean {
    const { handle } = this.#resident;
    return call((core) => core.expressionTest(handle, text)) === 1;
  }
}
