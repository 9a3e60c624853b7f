/** Without bytes: the caller brings them, by `await init(source)`, once. Libraries depend on this entry. */
export * from '../index.js';
