// undici's package has types for its index only.
declare module 'undici/lib/llhttp/llhttp_simd-wasm.js' {
  const code: Buffer<ArrayBuffer>;
  export default code;
}
declare module 'undici/lib/llhttp/llhttp-wasm.js' {
  const code: Buffer<ArrayBuffer>;
  export default code;
}

// The part of the JavaScript API of WebAssembly that we call. TypeScript has it with the DOM only.
declare namespace WebAssembly {
  type Imports = Record<string, Record<string, (...values: number[]) => number>>;

  const Module: new (code: Uint8Array<ArrayBuffer>) => object;
  const Instance: new (module: object, imports: Imports) => { readonly exports: object };
}
