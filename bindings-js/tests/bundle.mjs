// node bundle.mjs: bundles the scripts of the test pages, with the packages of bindings-js, into dist/.
import { build } from "esbuild";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
await build({
  entryPoints: ["instantsearch.js", "react.jsx", "vue.js", "autocomplete.js", "framework.jsx", "moved.js"].map((name) => join(here, "pages", name)),
  outdir: join(here, "dist"),
  bundle: true,
  minify: true,
  format: "esm",
  target: "es2022",
  jsx: "automatic",
  define: {
    "process.env.NODE_ENV": '"production"',
    __VUE_OPTIONS_API__: "true",
    __VUE_PROD_DEVTOOLS__: "false",
    __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: "false",
  },
  // Vue with the compiler of templates.
  alias: { vitrina: join(here, "../src/index.ts"), vue: "vue/dist/vue.esm-bundler.js" },
});
