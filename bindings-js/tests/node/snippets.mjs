// node snippets.mjs: descriptions shortened around what matches; a server of its own answers.
import { createServer } from "node:http";
import { createClient } from "../../dist/client.js";
import { createInstantSearchClient } from "../../dist/instantsearch.js";

const description = "uno dos tres cuatro cinco seis siete ocho nueve diez once doce";
const at = (word) => [description.indexOf(word), description.indexOf(word) + word.length];
const product = { id: 1, name: "Polo", description, price: 1, highlights: { name: [], description: [at("siete"), at("ocho"), at("doce")] } };
const products = [product, { ...product, highlights: { name: [], description: [at("once")] } }, { ...product, highlights: undefined }];
const answer = { products, total: 3, total_is_exact: true, understood: [], unknown: [], categories: [], predictions: [], next_cursor: null };
const server = createServer((request, response) => {
  request.resume();
  response.end(JSON.stringify(answer));
});
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const search = createInstantSearchClient(createClient({ url: `http://127.0.0.1:${server.address().port}` }));
async function snippets(params) {
  const { results: [{ hits }] } = await search.search([{ indexName: "products", params: { query: "siete", ...params } }]);
  return hits.map(({ _snippetResult: of }) => of.description?.value ?? null);
}
const said = {
  five: await snippets({ attributesToSnippet: ["description:5"] }),
  long: await snippets({ attributesToSnippet: ["*:50"], highlightPreTag: "[", highlightPostTag: "]" }),
  none: await snippets({}),
  named: await snippets({ attributesToSnippet: ["name"] }),
};
server.closeAllConnections();
server.close();
console.log(JSON.stringify(said));
