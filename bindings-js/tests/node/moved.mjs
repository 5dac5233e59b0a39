// node moved.mjs: what pages that ran on another engine ask for and read; a server of its own answers.
import { createServer } from "node:http";
import { createClient } from "../../dist/client.js";
import { createInstantSearchClient } from "../../dist/instantsearch.js";

const product = {
  id: 7, name: "Sartén", description: "De hierro.", brand: "Fogón", category: "Menaje", price: 30, sale_price: 20, photo: "/photos/a.jpg",
  categories: [["Hogar", "Cocina", "Menaje"], ["Hogar", "Regalos"]], attributes: { Color: ["rojo"], Tallas: ["S", "M"] },
  highlights: { name: [[0, 6]], description: [] },
};
const facets = {
  brands: [{ brand: "Fogón", count: 3 }, { brand: "Telar", count: 2 }],
  categories: [["Hogar"], ["Hogar", "Cocina"]].map((path) => ({ label: 1, category: path.at(-1), path, count: 4 })),
  attributes: [{ name: "Color", values: [{ value: "rojo", count: 2 }] }, { name: "rating", values: [{ value: "3", count: 1 }, { value: "4.5", count: 2 }] }],
  prices: [], in_stock: 5, out_of_stock: 0, stats: { price: { min: 1, max: 9 } },
};
const ratings = ["1", "3", "4.5", "5"];
const answer = { products: [product], total: 1, total_is_exact: true, understood: [], unknown: [], categories: [], predictions: [], next_cursor: null, facets };
const asked = [];
const server = createServer(async (request, response) => {
  const body = JSON.parse((await request.toArray()).join("") || "null");
  asked.push({ path: request.url, ...(body?.filter && { filter: body.filter }), ...(body && "facets" in body && { facets: body.facets }), ...(body?.sort && { sort: body.sort }) });
  const reply = (status, body) => response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  if (request.url === "/search/facet-values") return reply(200, { values: body.facet === "attributes.rating" ? ratings.map((value) => ({ value, count: 1, highlights: [] })) : [] });
  if (request.url.startsWith("/products/")) return request.url === "/products/7" ? reply(200, product) : reply(404, { title: "not found", status: 404 });
  return reply(200, answer);
});
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const client = createClient({ url: `http://127.0.0.1:${server.address().port}` });
const plain = createInstantSearchClient(client);
const mapped = createInstantSearchClient(client, {
  attributes: { title: "name", maker: "brand", colour: "attributes.Color", sizes: "Tallas", cost: "price" }, facetOrder: ["maker", "cost"],
});

/** The first result, and what the server was asked for it; or why it was refused. */
async function search(params, { on = plain, indexName = "products" } = {}) {
  asked.length = 0;
  try {
    const { results: [result] } = await on.search([{ indexName, params }]);
    return { ...result, asked: [...asked] };
  } catch ({ name }) {
    return { refused: name };
  }
}
const filterOf = async (params, options) => (await search(params, options)).asked.at(-1).filter;
const { hits: [hit], ...result } = await search({ facets: ["*"] });
const { hits: [named], ...order } = await search(
  { facets: ["*"], filters: 'maker:"Fogón" AND colour:rojo AND cost >= 5', attributesToSnippet: ["title:1"] }, { on: mapped },
);
const rated = await search({ numericFilters: ["rating>=4", "rating<=5"], facets: ["rating"] });
const one = await search({ filters: "objectID:7", hitsPerPage: 1, facets: ["brand"] });
/** What comes first: results, or recommendations of a kind that there is not. */
async function early() {
  const order = [];
  const searching = plain.search([{ indexName: "products", params: {} }]).then(() => order.push("results"));
  await plain.getRecommendations([{ indexName: "products", model: "trending-items" }]).then(() => order.push("recommendations"));
  await searching;
  return order;
}
const { renderingContent: shown } = await search({ facets: ["*"] }, { on: createInstantSearchClient(client, { attributes: { maker: "brand" } }) });
const said = {
  hit: { price: hit.price, regular: hit.regular_price, categories: hit.categories, highlights: hit._highlightResult.categories.map(({ value }) => value) },
  result: { facets: result.facets, order: result.renderingContent.facetOrdering.facets.order, rules: result.userData ?? null, vitrina: Object.keys(result.vitrina) },
  named: {
    title: named._highlightResult.title.value, snippet: named._snippetResult.title.value, values: [named.title, named.maker, named.colour, named.sizes],
    filter: order.asked[0].filter, facets: [order.facets.maker, order.facets.colour], stats: order.facets_stats.cost,
    order: order.renderingContent.facetOrdering.facets.order, shown: shown.facetOrdering.facets.order,
  },
  rated: { filter: rated.asked.at(-1).filter, stats: rated.facets_stats.rating },
  unrated: await filterOf({ numericFilters: ["stars>=4"] }),
  one: { asked: one.asked.map(({ path }) => path), ids: one.hits.map(({ objectID }) => objectID), facets: one.facets },
  gone: (await search({ filters: "objectID:8" })).nbHits,
  narrowed: await search({ filters: "objectID:7 AND brand:A" }),
  categories: await filterOf({ facetFilters: [["categories:Cocina"]] }),
  and: (await search({ facets: ["brand"], facetFilters: ["brand:Fogón"] })).facets.brand,
  or: (await search({ facets: ["brand"], facetFilters: [["brand:Fogón"]] })).facets.brand,
  counted: (await search({ facets: ["brand", "hierarchicalCategories.lvl0", "hierarchicalCategories.lvl1", "attributes.Color"] })).asked[0].facets,
  early: await early(),
  orders: [],
  insights: [typeof globalThis.aa],
};
createInstantSearchClient(client, { insights: true });
said.insights.push(typeof globalThis.aa);
for (const indexName of ["instant_search_price_asc", "products/sort/price:desc", "games:price:asc", "shop:name:asc", "games:rating:desc", "name"]) {
  said.orders.push((await search({}, { indexName })).asked[0].sort ?? null);
}
server.closeAllConnections();
server.close();
console.log(JSON.stringify(said));
