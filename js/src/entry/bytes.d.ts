/** The bytes of core.wasm as base64; written by the build. */
declare const bytes: string;
export default bytes;
