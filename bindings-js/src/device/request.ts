/** What the server is sent in place of the photo. */
import type { LabelScore } from "./scores.js";

/** The body of `POST /search/prediction`; the embedding is little-endian 32-bit floats in base64, with the model's name. */
export interface PredictionRequest {
  labels: LabelScore[];
  embedding?: string;
  model?: string;
}

/** The body of `POST /search/prediction` for what a photo shows. */
export function predictionRequest(recognition: {
  labels: LabelScore[];
  embedding: Float32Array | null;
  model?: string;
}): PredictionRequest {
  const { labels, embedding, model } = recognition;
  return embedding ? { labels, embedding: base64(embedding), ...(model && { model }) } : { labels };
}

function base64(numbers: Float32Array): string {
  const view = new DataView(new ArrayBuffer(4 * numbers.length));
  numbers.forEach((number, at) => view.setFloat32(4 * at, number, true));
  return btoa(String.fromCharCode(...new Uint8Array(view.buffer)));
}
