// node prices.mjs: prices now, and a photo's products in their order; a server of its own answers with products on sale.
import { createServer } from "node:http";
import { createClient, currentPrice } from "../../dist/client.js";
import { createInstantSearchClient } from "../../dist/instantsearch.js";

const now = Math.floor(Date.now() / 1000);
const [day, sale] = [86_400, { name: "A", description: "", price: 30, sale_price: 10, in_stock: true }];
const products = [
  { ...sale, id: 1, sale_until: now - day },
  { ...sale, id: 2, price: 20, sale_price: undefined },
  { ...sale, id: 3, sale_from: now - day, sale_until: now + day },
  { ...sale, id: 4, price: 40, sale_from: now + day },
];
const server = createServer((request, response) => {
  request.resume();
  response.end(JSON.stringify({ products, categories: [], predictions: [], not_sold: false }));
});
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const search = createInstantSearchClient(createClient({ url: `http://127.0.0.1:${server.address().port}` }));
const params = { vitrinaPhoto: "task", facets: ["price"] };
const { results } = await search.search([
  { indexName: "products_price_asc", params },
  { indexName: "products_price_desc", params },
]);
server.closeAllConnections();
server.close();
const bounds = { ...sale, sale_from: 100, sale_until: 200 };
console.log(JSON.stringify({
  at: [99, 100, 199, 200].map((moment) => currentPrice(bounds, moment)),
  endless: currentPrice(sale),
  none: currentPrice({ price: 30 }),
  orders: results.map(({ hits }) => hits.map(({ id }) => id)),
  stats: results[0].facets_stats.price,
}));
