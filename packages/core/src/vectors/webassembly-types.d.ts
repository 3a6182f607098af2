// What this package uses of WebAssembly: TypeScript declares it only together with a browser's globals.
declare namespace WebAssembly {
  class Memory {
    readonly buffer: ArrayBuffer;
    constructor(descriptor: { initial: number; maximum?: number; shared?: boolean });
  }
}
