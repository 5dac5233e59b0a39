/** A model in ONNX Runtime: WebAssembly with SIMD, one photo at a time. */
import * as ort from "onnxruntime-web/wasm";

import { type Asset, download } from "./download.js";
import { ClassifierError } from "./errors.js";
import { chooseFile, loadModel, type Manifest, type Member } from "./manifest.js";
import { softmax } from "./scores.js";

/** ONNX Runtime's file, written in by the build. */
declare const RUNTIME: { module: string; file: string; bytes: number; sha256: string };

/** What a model says of a photo. */
export interface Outputs {
  probabilities: Float32Array;
  embedding: Float32Array | null;
}

export interface NetworkOptions {
  /** The folder of the runtime's files, with a slash at its end. */
  baseUrl: string;
  /** The address of the model's manifest. */
  manifestUrl: string;
  threads: number;
  onProgress: (loaded: number, total: number) => void;
}

/** A model of one network or several, ready to run. */
export class Network {
  private constructor(
    /** Name and version. */
    readonly model: string,
    readonly manifests: Manifest[],
    readonly labels: string[],
    private readonly sessions: ort.InferenceSession[],
  ) {}

  /** Downloads runtime, model and labels, or takes them from the cache, and gets the model ready. */
  static async open({ baseUrl, manifestUrl, threads, onProgress }: NetworkOptions): Promise<Network> {
    const { name, members } = await loadModel(manifestUrl, json);
    const manifests = members.map(({ manifest }) => manifest);
    const labels = (await json(new URL(manifests[0].labels, members[0].url).href)) as { id: string }[];
    const runtime: Asset = { url: new URL(RUNTIME.file, baseUrl).href, bytes: RUNTIME.bytes, sha256: RUNTIME.sha256 };
    const assets = [runtime, ...members.map(weightsOf)];
    const total = assets.reduce((sum, { bytes }) => sum + bytes, 0);
    const [program, ...weights] = await download(assets, (loaded) => onProgress(loaded, total));

    ort.env.wasm.numThreads = threads;
    ort.env.wasm.wasmBinary = program;
    ort.env.wasm.wasmPaths = { mjs: new URL(RUNTIME.module, baseUrl).href };
    const sessions = [];
    for (const one of weights) {
      sessions.push(await ort.InferenceSession.create(one, { executionProviders: ["wasm"] }));
    }
    const network = new Network(name, manifests, labels.map((label) => label.id), sessions);
    // The first pass compiles: better now than with a photo waiting.
    await network.run(manifests.map(({ input }) => new Float32Array(3 * input.width * input.height)));
    return network;
  }

  /**
   * One pass over the planes of a photo, one for each network. Probabilities are the mean of the networks'; embeddings of
   * several are put one after the other, each of unit length.
   */
  async run(planes: Float32Array[]): Promise<Outputs> {
    const probabilities = new Float32Array(this.labels.length);
    const embeddings: Float32Array[] = [];
    for (const [at, manifest] of this.manifests.entries()) {
      const { input, outputs } = manifest;
      const tensor = new ort.Tensor("float32", planes[at], [1, 3, input.height, input.width]);
      const answer = await this.sessions[at].run({ [input.name]: tensor });
      const scores = answer[outputs.logits].data as Float32Array;
      if (scores.length !== this.labels.length) {
        throw new ClassifierError("failed", `the model gives ${scores.length} scores for ${this.labels.length} labels`);
      }
      const own = outputs.activation === "softmax" ? softmax(scores) : scores;
      own.forEach((probability, label) => (probabilities[label] += probability / this.manifests.length));
      if (outputs.embedding) embeddings.push(answer[outputs.embedding].data as Float32Array);
    }
    return { probabilities, embedding: embeddings.length < this.manifests.length ? null : joined(embeddings) };
  }
}

/** The file of a network's weights that a browser takes. */
function weightsOf({ manifest, url }: Member): Asset {
  const { file, bytes, sha256 } = chooseFile(manifest);
  if (!sha256 || !bytes) throw new ClassifierError("unavailable", `the manifest does not say size and SHA-256 of ${file}`);
  return { url: new URL(file, url).href, bytes, sha256 };
}

/** Embeddings one after the other, each divided by its length; one alone as it is. */
function joined(embeddings: Float32Array[]): Float32Array {
  if (embeddings.length === 1) return embeddings[0];
  const all = new Float32Array(embeddings.reduce((sum, { length }) => sum + length, 0));
  let place = 0;
  for (const one of embeddings) {
    const length = Math.hypot(...one) || 1;
    all.set(one.map((number) => number / length), place);
    place += one.length;
  }
  return all;
}

async function json(url: string): Promise<unknown> {
  try {
    const response = await fetch(url);
    if (!response.ok) throw new Error(`the answer is ${response.status}`);
    return await response.json();
  } catch (cause) {
    throw new ClassifierError("unavailable", `${url} cannot be read`, { cause });
  }
}
