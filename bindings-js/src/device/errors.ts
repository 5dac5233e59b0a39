/**
 * Why a photo was not classified:
 * - `unsupported`: this browser lacks something (WebAssembly with SIMD, module workers, an offscreen canvas)
 * - `unavailable`: the model or the runtime could not be downloaded, or is not what its hash says
 * - `unreadable`: the photo is none, or one that the browser cannot decode
 * - `closed`: `close` was called
 * - `failed`: anything else, such as too little memory
 */
export type ErrorKind = "unsupported" | "unavailable" | "unreadable" | "closed" | "failed";

/** An error that callers branch on by its `kind`; the message is for the console. */
export class ClassifierError extends Error {
  override readonly name = "ClassifierError";

  constructor(
    readonly kind: ErrorKind,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
