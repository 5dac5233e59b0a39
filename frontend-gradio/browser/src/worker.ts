/** The worker: everything that takes time happens here, so that the page stays free. */
import { ClassifierError } from "./errors";
import type { Order, Recognition, Report } from "./messages";
import { Network } from "./network";
import { decode, pixels } from "./photo";
import { cropBox, planes, region } from "./preprocess";
import { likeliest, softmax } from "./scores";

let network: Network | null = null;

async function open(id: number, options: { baseUrl: string; manifestUrl: string; threads: number }): Promise<Report> {
  const onProgress = (loaded: number, total: number) => report({ id, progress: { loaded, total } });
  network = await Network.open({ ...options, onProgress });
  return { id, opened: { model: `${network.manifest.name}/${network.manifest.version}` } };
}

async function classify(photo: Blob): Promise<Recognition> {
  if (!network) throw new ClassifierError("failed", "no model is open");
  const { manifest, labels } = network;
  const started = performance.now();
  const bitmap = await decode(photo);
  const decoded = performance.now();
  const crop = cropBox(bitmap.width, bitmap.height, manifest.preprocessing.crop_fraction);
  const part = region(bitmap.width, bitmap.height, crop, Math.max(manifest.input.width, manifest.input.height));
  const picture = pixels(bitmap, part);
  bitmap.close();
  const box = { ...crop, left: crop.left - part.left, top: crop.top - part.top };
  const input = planes(picture, box, manifest);
  const prepared = performance.now();
  const { scores, embedding } = await network.run(input);
  const probabilities = manifest.outputs.activation === "softmax" ? softmax(scores) : scores;
  return {
    labels: likeliest(probabilities, labels),
    embedding,
    timings: { decode: decoded - started, prepare: prepared - decoded, infer: performance.now() - prepared },
  };
}

function problem(id: number, error: unknown): Report {
  const kind = error instanceof ClassifierError ? error.kind : "failed";
  return { id, problem: { kind, message: error instanceof Error ? error.message : String(error) } };
}

function report(message: Report): void {
  self.postMessage(message);
}

self.addEventListener("message", ({ data }: MessageEvent<Order>) => {
  const { id } = data;
  const done = "open" in data ? open(id, data.open) : classify(data.classify).then((classified) => ({ id, classified }));
  done.catch((error: unknown) => problem(id, error)).then(report);
});
