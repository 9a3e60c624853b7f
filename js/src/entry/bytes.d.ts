/** The parts of core.wasm as base64; written by the build. */
export declare const parts: readonly (() => string)[];
