// node variants.mjs: products as hits by the variant that matches; a server of its own answers.
import { createServer } from "node:http";
import { createClient } from "../../dist/client.js";
import { createInstantSearchClient } from "../../dist/instantsearch.js";

const polo = {
  name: "Polo", description: "", price: 30, sale_price: 20, photo: "/photos/polo.jpg", url: "https://tienda.example/polo", in_stock: true,
};
const products = [
  { ...polo, id: 1, matched_variant: { attributes: {}, price: 25, photo: "/photos/rojo.jpg", url: "https://tienda.example/polo/rojo" } },
  { ...polo, id: 2, matched_variant: { attributes: {}, price: 40, sale_price: 35 } },
  { ...polo, id: 3, matched_variant: { attributes: {}, photo: null } },
  { ...polo, id: 4 },
];
const answer = { products, total: 4, total_is_exact: true, understood: [], unknown: [], categories: [], predictions: [], next_cursor: null };
const server = createServer((request, response) => {
  request.resume();
  response.end(JSON.stringify(answer));
});
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const url = `http://127.0.0.1:${server.address().port}`;
const { results: [{ hits }] } = await createInstantSearchClient(createClient({ url })).search([{ indexName: "products", params: {} }]);
server.closeAllConnections();
server.close();
const shown = ({ price, sale_price, regular_price, url: link, image }) => [price, sale_price ?? null, regular_price, link, image.replace(url, "")];
console.log(JSON.stringify(hits.map(shown)));
