// Builds dist/: the module, its worker, ONNX Runtime and the model, all that a page serves. `node build.mjs [MODEL-FOLDER]`
import { build } from "esbuild";
import { createHash } from "node:crypto";
import { cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { gzip } from "node:zlib";

const here = dirname(fileURLToPath(import.meta.url));
const runtime = join(here, "node_modules/onnxruntime-web/dist/ort-wasm-simd-threaded");
const model = resolve(process.argv[2] ?? join(here, "../../data/models/efficientnet_lite0"));
const dist = join(here, "dist");
// Of the model's files the one that `src/manifest.ts` takes first.
const PRECISION = "int8_weights";

const manifest = JSON.parse(await readFile(join(model, "manifest.json"), "utf8"));
const file = manifest.files.find(({ precision }) => precision === PRECISION)?.file;
const weights = await readFile(join(model, file)).catch(() => {
  console.error(`${join(model, file)} is not there: run data/models/exporter/export.py first`);
  process.exit(1);
});
const program = await readFile(`${runtime}.wasm`);

await rm(dist, { recursive: true, force: true });
const models = join(dist, "models", basename(model));
await mkdir(models, { recursive: true });
await build({
  entryPoints: [join(here, "src/vitrina.ts"), join(here, "src/worker.ts")],
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
await cp(join(model, manifest.labels), join(models, manifest.labels));
// What is large is sent packed: the program to a quarter, the weights to nine tenths.
for (const [path, content] of [[join(dist, `${basename(runtime)}.wasm`), program], [join(models, file), weights]]) {
  await writeFile(path, content);
  await writeFile(`${path}.gz`, await promisify(gzip)(content, { level: 9 }));
}
// Last: where it is, all of the model is.
await cp(join(model, "manifest.json"), join(models, "manifest.json"));
