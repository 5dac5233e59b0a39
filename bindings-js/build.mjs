// node build.mjs: builds the package into dist/, and the layer into the server's assets. `--check` says whether the layer there
// is what this source makes.
import { build } from "esbuild";
import { readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const here = dirname(fileURLToPath(import.meta.url));
const asset = join(here, "../adapters/server/assets/layer.js");
const LARGEST_LAYER = 40_000;
const common = { bundle: true, target: "es2022", minify: true, legalComments: "none" };

const layer = await build({
  ...common,
  entryPoints: [join(here, "src/layer/index.ts")],
  format: "iife",
  write: false,
  // Style sheets are texts, for constructable style sheets.
  loader: { ".css": "text" },
  plugins: [{ name: "minified-css", setup: minifiedStyles }],
});
const script = layer.outputFiles[0].text;
const packed = gzipSync(script, { level: 9 }).length;
if (packed > LARGEST_LAYER) fail(`the layer has ${packed} bytes packed, more than ${LARGEST_LAYER}`);

const current = await readFile(asset, "utf8").catch(() => "");
if (process.argv.includes("--check")) {
  if (current !== script) fail(`${asset} is not what the source makes: run npm run build in bindings-js`);
} else {
  await build({
    ...common,
    entryPoints: {
      index: join(here, "src/index.ts"),
      client: join(here, "src/client/index.ts"),
      instantsearch: join(here, "src/instantsearch/index.ts"),
      autocomplete: join(here, "src/autocomplete/index.ts"),
    },
    outdir: join(here, "dist"),
    format: "esm",
    splitting: true,
    chunkNames: "chunks/[name]-[hash]",
    sourcemap: true,
  });
  await writeFile(join(here, "dist/layer.js"), script);
  // Untouched where it is the same: the server need not be compiled anew.
  if (current !== script) await writeFile(asset, script);
  console.log(`layer: ${script.length} bytes, ${packed} packed`);
}

function minifiedStyles({ onLoad }) {
  onLoad({ filter: /\.css$/ }, async ({ path }) => {
    const { outputFiles } = await build({ entryPoints: [path], minify: true, write: false, target: "es2022" });
    return { contents: outputFiles[0].text.trim(), loader: "text" };
  });
}

function fail(message) {
  console.error(message);
  process.exit(1);
}
