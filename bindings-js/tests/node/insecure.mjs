// node insecure.mjs URL: searches as a page without TLS does, where browsers leave parts of `crypto` out.
import { createClient } from "../../dist/client.js";
import { createInstantSearchClient } from "../../dist/instantsearch.js";

Object.defineProperty(crypto, "randomUUID", { value: undefined });
const [url] = process.argv.slice(2);
// A page, and the same page after a reload.
const [before, after] = [1, 2].map(() => createInstantSearchClient(createClient({ url })));
const labels = [{ label: "running shoe", score: 0.9 }];
const ids = [before, before, after].map(({ photos }) => photos.add({ labels }));
const found = async (page, params) => (await page.search([{ indexName: "products", params }])).results[0];
console.log(JSON.stringify({
  ids,
  queryID: (await found(before, { clickAnalytics: true })).queryID,
  own: (await found(before, { vitrinaPhoto: ids[0] })).nbHits,
  other: (await found(after, { vitrinaPhoto: ids[0] })).nbHits,
}));
