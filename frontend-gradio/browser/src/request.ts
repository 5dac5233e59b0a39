/** What the server is sent in place of the photo. */
import type { LabelScore } from "./scores";

/** The body of `POST /search/prediction`; the embedding is little-endian 32-bit floats in base64. */
export interface PredictionRequest {
  labels: LabelScore[];
  embedding?: string;
}

/** The body of `POST /search/prediction` for what a photo shows. */
export function predictionRequest(recognition: {
  labels: LabelScore[];
  embedding: Float32Array | null;
}): PredictionRequest {
  const { labels, embedding } = recognition;
  return embedding ? { labels, embedding: base64(embedding) } : { labels };
}

function base64(numbers: Float32Array): string {
  const view = new DataView(new ArrayBuffer(4 * numbers.length));
  numbers.forEach((number, at) => view.setFloat32(4 * at, number, true));
  return btoa(String.fromCharCode(...new Uint8Array(view.buffer)));
}
