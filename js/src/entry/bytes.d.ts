/** The halves of core.wasm as base64; written by the build. */
export declare const front: string;
export declare const rest: string;
