// node pages.mjs: what pages ask for; a server of its own has 2,500 products, of which it sends the page that is wanted.
import { createServer } from "node:http";
import { createClient } from "../../dist/client.js";
import { createInstantSearchClient } from "../../dist/instantsearch.js";

const TOTAL = 2500;
const asked = [];
function answer(search) {
  asked.push(search);
  const { limit, page = 1 } = search;
  const from = (page - 1) * limit;
  const products = Array.from({ length: limit }, (_, at) => ({ id: from + at, name: "A", description: "", price: 1 }));
  return { products, total: TOTAL, total_is_exact: true, understood: [], unknown: [], categories: [], predictions: [], next_cursor: null };
}
const server = createServer(async (request, response) => {
  const body = JSON.parse((await request.toArray()).join(""));
  response.end(JSON.stringify(body.searches ? { results: body.searches.map(answer) } : answer(body)));
});
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const search = createInstantSearchClient(createClient({ url: `http://127.0.0.1:${server.address().port}` }));

async function page(params) {
  asked.length = 0;
  const { results: [result] } = await search.search([{ indexName: "products", params }]);
  const ids = result.hits.map(({ id }) => id);
  return { asked: asked.map(({ limit, page, facets }) => [limit, page ?? null, facets]), first: ids[0] ?? null, count: ids.length, pages: result.nbPages };
}
const said = {
  first: await page({ hitsPerPage: 20, facets: ["brand"] }),
  eighth: await page({ hitsPerPage: 20, page: 7 }),
  large: await page({ hitsPerPage: 250, page: 1, facets: "*" }),
  beyond: await page({ hitsPerPage: 20, page: 50 }),
  counts: await page({ hitsPerPage: 0, facets: ["brand"] }),
};
server.closeAllConnections();
server.close();
console.log(JSON.stringify(said));
