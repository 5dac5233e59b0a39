/** The worker: everything that takes time happens here, so that the page stays free. */
import { ClassifierError } from "./errors.js";
import type { Order, Classification, Report } from "./messages.js";
import { Network } from "./network.js";
import { decode, pixels } from "./photo.js";
import { cropBox, planes, region, union } from "./preprocess.js";
import { likeliest } from "./scores.js";

let network: Network | null = null;

async function open(id: number, options: { baseUrl: string; manifestUrl: string; threads: number }): Promise<Report> {
  const onProgress = (loaded: number, total: number) => report({ id, progress: { loaded, total } });
  network = await Network.open({ ...options, onProgress });
  return { id, opened: { model: network.model } };
}

async function classify(photo: Blob): Promise<Classification> {
  if (!network) throw new ClassifierError("failed", "no model is open");
  const { model, manifests, labels } = network;
  const started = performance.now();
  const bitmap = await decode(photo);
  const decoded = performance.now();
  const crops = manifests.map(({ preprocessing }) => cropBox(bitmap.width, bitmap.height, preprocessing.crop_fraction));
  const part = union(
    crops.map((crop, at) => {
      const { width, height } = manifests[at].input;
      return region(bitmap.width, bitmap.height, crop, Math.max(width, height));
    }),
  );
  const picture = pixels(bitmap, part);
  bitmap.close();
  const inputs = crops.map((crop, at) => {
    const box = { ...crop, left: crop.left - part.left, top: crop.top - part.top };
    return planes(picture, box, manifests[at]);
  });
  const prepared = performance.now();
  const { probabilities, embedding } = await network.run(inputs);
  return {
    labels: likeliest(probabilities, labels),
    embedding,
    model,
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
