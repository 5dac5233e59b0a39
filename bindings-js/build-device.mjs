// Builds dist/device/: the module that classifies photos, its worker, ONNX Runtime and the model, all that a page serves. `node build-device.mjs [MODEL-FOLDER]`
import { build } from "esbuild";
import { createHash } from "node:crypto";
import { cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { gzip } from "node:zlib";

const here = dirname(fileURLToPath(import.meta.url));
const runtime = join(here, "node_modules/onnxruntime-web/dist/ort-wasm-simd-threaded");
const model = resolve(process.argv[2] ?? join(here, "../data/models/efficientnet_lite1_lite2"));
const dist = join(here, "dist/device");
// Of the model's files the one that `src/device/manifest.ts` takes first.
const PRECISION = "int8_weights";

const read = async (folder) => JSON.parse(await readFile(join(folder, "manifest.json"), "utf8"));
const own = await read(model);
// The networks of the model: itself, or the members of an ensemble.
const networks = [];
for (const folder of own.members?.map((member) => join(model, member)) ?? [model]) {
  const manifest = await read(folder);
  const file = manifest.files.find(({ precision }) => precision === PRECISION)?.file;
  const weights = await readFile(join(folder, file)).catch(() => {
    console.error(`${join(folder, file)} is not there: run data/models/exporter/export.py first`);
    process.exit(1);
  });
  networks.push({ folder, manifest, file, weights });
}
const program = await readFile(`${runtime}.wasm`);

// The models alone: beside them lie the package's types.
await rm(join(dist, "models"), { recursive: true, force: true });
const models = (folder) => join(dist, "models", basename(folder));
for (const folder of [model, ...networks.map(({ folder }) => folder)]) await mkdir(models(folder), { recursive: true });
await build({
  entryPoints: [join(here, "src/device/vitrina.ts"), join(here, "src/device/worker.ts")],
  outdir: dist,
  bundle: true,
  format: "esm",
  target: "es2022",
  minify: true,
  // ONNX Runtime without its glue inside: threads start from a file of their own.
  conditions: ["onnxruntime-web-use-extern-wasm"],
  define: {
    MODEL: JSON.stringify(basename(model)),
    RUNTIME: JSON.stringify({
      module: `${basename(runtime)}.mjs`,
      file: `${basename(runtime)}.wasm`,
      bytes: program.length,
      sha256: createHash("sha256").update(program).digest("hex"),
    }),
  },
});
await cp(`${runtime}.mjs`, join(dist, `${basename(runtime)}.mjs`));
// What is large is sent packed: the program to a quarter, the weights to nine tenths.
const large = [[join(dist, `${basename(runtime)}.wasm`), program]];
for (const { folder, manifest, file, weights } of networks) {
  await cp(join(folder, manifest.labels), join(models(folder), manifest.labels));
  large.push([join(models(folder), file), weights]);
}
for (const [path, content] of large) {
  await writeFile(path, content);
  await writeFile(`${path}.gz`, await promisify(gzip)(content, { level: 9 }));
}
// Last, and the model's own after its members': where it is, all of the model is.
for (const folder of [...networks.map(({ folder }) => folder), model]) {
  await cp(join(folder, "manifest.json"), join(models(folder), "manifest.json"));
}
