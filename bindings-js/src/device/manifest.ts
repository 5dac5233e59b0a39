/** The model's description, `manifest.json`: what `data/models/README.md` defines, as far as the browser reads it. */
import { ClassifierError } from "./errors.js";

export interface ModelFile {
  precision: string;
  file: string;
  sha256: string | null;
  bytes: number | null;
}

export interface Manifest {
  name: string;
  version: string;
  files: ModelFile[];
  input: { name: string; layout: "NCHW"; width: number; height: number; channels: "RGB" | "BGR" };
  preprocessing: Preprocessing;
  outputs: { logits: string; embedding: string | null; activation: "softmax" | "none" };
  labels: string;
}

/** The tensor is `(pixel * scale - mean) / std` of the resized crop, by channel. */
export interface Preprocessing {
  resize: "crop";
  crop_fraction: number;
  filter: "bicubic_antialias" | "bilinear_antialias";
  scale: number;
  mean: [number, number, number];
  std: [number, number, number];
}

/** Several networks as one classifier; each member is a folder with a manifest of its own, from the ensemble's. */
export interface Ensemble {
  name: string;
  version: string;
  members: string[];
}

/** A network's manifest and its address. */
export interface Member {
  manifest: Manifest;
  url: string;
}

/** A model: the networks that it consists of, and its name and version. */
export interface Model {
  name: string;
  members: Member[];
}

/** Reads the manifest at `url`, and those of its members where it is an ensemble's; `read` fetches JSON. */
export async function loadModel(url: string, read: (url: string) => Promise<unknown>): Promise<Model> {
  const json = (await read(url)) as Manifest | Ensemble;
  const name = `${json.name}/${json.version}`;
  if (!("members" in json)) return { name, members: [{ manifest: parseManifest(json), url }] };
  const members = json.members.map(async (folder) => {
    const own = new URL(`${folder}/manifest.json`, url).href;
    return { manifest: parseManifest(await read(own)), url: own };
  });
  return { name, members: await Promise.all(members) };
}

/** The files that a browser takes, the best first: weights in bytes are a quarter to download and as fast as floats. */
const PRECISIONS = ["int8_weights", "fp32"];

/** The manifest, after a look at what this reader cannot do. */
export function parseManifest(json: unknown): Manifest {
  const manifest = json as Manifest;
  const { input, preprocessing, outputs } = manifest;
  const known =
    input?.layout === "NCHW" &&
    ["RGB", "BGR"].includes(input.channels) &&
    preprocessing?.resize === "crop" &&
    ["bicubic_antialias", "bilinear_antialias"].includes(preprocessing.filter) &&
    ["softmax", "none"].includes(outputs?.activation);
  if (!known) throw new ClassifierError("unavailable", "the model's manifest asks for what this module cannot do");
  return manifest;
}

/** Which of the model's files to download. */
export function chooseFile(manifest: Manifest): ModelFile {
  for (const precision of PRECISIONS) {
    const file = manifest.files.find((one) => one.precision === precision);
    if (file) return file;
  }
  throw new ClassifierError("unavailable", `the model has none of ${PRECISIONS.join(", ")}`);
}
