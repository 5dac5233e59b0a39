// node build.mjs: bundles the page with InstantSearch.js from the packages of bindings-js.
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const package_ = join(here, "../../bindings-js");
const { build } = createRequire(join(package_, "package.json"))("esbuild");
await build({
  entryPoints: [join(here, "instantsearch.js")],
  outdir: join(here, "dist"),
  bundle: true,
  minify: true,
  format: "esm",
  target: "es2022",
  define: { "process.env.NODE_ENV": '"production"' },
  nodePaths: [join(package_, "node_modules")],
  alias: { vitrina: join(package_, "dist/index.js") },
});
