// node calls.mjs URL PHOTO: calls everything, and prints what came.
import { readFile } from "node:fs/promises";
import { createClient } from "../../dist/client.js";

const [url, photo] = process.argv.slice(2);
const client = createClient({ url });
const search = { query: "camara", limit: 24, facets: true, highlight_units: "utf16" };
const stages = [];
const result = await client.searchPhoto(new Blob([await readFile(photo)]), { onProgress: (stage) => stages.push(stage) });
const aborted = new AbortController();
aborted.abort();
const like = result.products.find((product) => product.photo);
const thumbnail = await fetch(client.photoUrl(like, 300), { headers: { accept: "image/webp" } });
await client.sendEvents([{ action_name: "click", object_id: String(like.id), position: 1 }]);
console.log(JSON.stringify({
  search: (await client.search(search)).total,
  batch: (await client.searchMany([search, { ...search, query: "planta" }])).map(({ total }) => total),
  suggest: (await client.suggest("cam", { limit: 3 })).queries,
  categories: (await client.categories()).length,
  photo: { stages, categories: result.categories, products: result.products.length },
  again: (await client.photoResult(result.taskId)).products.length,
  missing: await client.product(999999).catch(({ kind }) => kind),
  aborted: await client.search(search, { signal: aborted.signal }).catch(({ name }) => name),
  thumbnail: thumbnail.headers.get("content-type"),
}));
