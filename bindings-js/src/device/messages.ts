/** What the module and its worker say to each other. */
import type { ErrorKind } from "./errors.js";
import type { LabelScore } from "./scores.js";

export type Order = { id: number } & (
  | { open: { baseUrl: string; manifestUrl: string; threads: number } }
  | { classify: Blob }
);

export type Report = { id: number } & (
  | { progress: { loaded: number; total: number } }
  | { opened: { model: string } }
  | { classified: Classification }
  | { problem: { kind: ErrorKind; message: string } }
);

/** What a photo shows. */
export interface Classification {
  /** The likeliest classes, the best first. */
  labels: LabelScore[];
  /** The photo's embedding, or null where the model has none. */
  embedding: Float32Array | null;
  /** The model that made the embedding, with its version: `efficientnet_lite0/1`. */
  model: string;
  /** Milliseconds that decoding, preparing (crop, resize, normalise) and the network took. */
  timings: { decode: number; prepare: number; infer: number };
}
