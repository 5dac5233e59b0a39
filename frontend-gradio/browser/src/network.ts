/** The model in ONNX Runtime: WebAssembly with SIMD, one photo at a time. */
import * as ort from "onnxruntime-web/wasm";

import { type Asset, download } from "./download";
import { ClassifierError } from "./errors";
import { chooseFile, type Manifest, parseManifest } from "./manifest";

/** ONNX Runtime's file, written in by the build. */
declare const RUNTIME: { module: string; file: string; bytes: number; sha256: string };

/** What the network says of a photo. */
export interface Outputs {
  scores: Float32Array;
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

/** A model, ready to run. */
export class Network {
  private constructor(
    readonly manifest: Manifest,
    readonly labels: string[],
    private readonly session: ort.InferenceSession,
  ) {}

  /** Downloads runtime, model and labels, or takes them from the cache, and gets the model ready. */
  static async open({ baseUrl, manifestUrl, threads, onProgress }: NetworkOptions): Promise<Network> {
    const manifest = parseManifest(await json(manifestUrl));
    const labels = (await json(new URL(manifest.labels, manifestUrl).href)) as { id: string }[];
    const file = chooseFile(manifest);
    if (!file.sha256 || !file.bytes) {
      throw new ClassifierError("unavailable", `the manifest does not say size and SHA-256 of ${file.file}`);
    }
    const model: Asset = { url: new URL(file.file, manifestUrl).href, bytes: file.bytes, sha256: file.sha256 };
    const runtime: Asset = { url: new URL(RUNTIME.file, baseUrl).href, bytes: RUNTIME.bytes, sha256: RUNTIME.sha256 };
    const total = model.bytes + runtime.bytes;
    const [program, weights] = await download([runtime, model], (loaded) => onProgress(loaded, total));

    ort.env.wasm.numThreads = threads;
    ort.env.wasm.wasmBinary = program;
    ort.env.wasm.wasmPaths = { mjs: new URL(RUNTIME.module, baseUrl).href };
    const session = await ort.InferenceSession.create(weights, { executionProviders: ["wasm"] });
    const network = new Network(manifest, labels.map((label) => label.id), session);
    // The first pass compiles: better now than with a photo waiting.
    await network.run(new Float32Array(3 * manifest.input.width * manifest.input.height));
    return network;
  }

  /** One pass over the planes of a photo. */
  async run(planes: Float32Array): Promise<Outputs> {
    const { input, outputs } = this.manifest;
    const tensor = new ort.Tensor("float32", planes, [1, 3, input.height, input.width]);
    const answer = await this.session.run({ [input.name]: tensor });
    const scores = answer[outputs.logits].data as Float32Array;
    if (scores.length !== this.labels.length) {
      throw new ClassifierError("failed", `the model gives ${scores.length} scores for ${this.labels.length} labels`);
    }
    return { scores, embedding: outputs.embedding ? (answer[outputs.embedding].data as Float32Array) : null };
  }
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
