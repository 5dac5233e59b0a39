// A page of InstantSearch.js widgets: what differs from a page before another engine is the search client, and the photo box.
import instantsearch from "instantsearch.js";
import {
  clearRefinements, currentRefinements, hierarchicalMenu, hits, pagination, rangeInput, refinementList, searchBox, sortBy, stats,
} from "instantsearch.js/es/widgets";
import { createClient, createInsightsClient, createInstantSearchClient, currentPrice, photoBox } from "vitrina";

const client = createClient({ url: "http://127.0.0.1:8000" });
const searchClient = createInstantSearchClient(client);
const search = instantsearch({
  indexName: "products",
  searchClient,
  routing: true,
  insights: { insightsClient: createInsightsClient(client), insightsInitParams: { useCookie: false } },
  future: { preserveSharedStateOnUnmount: true },
});
const money = new Intl.NumberFormat("es", { style: "currency", currency: "EUR" });

search.addWidgets([
  searchBox({ container: "#searchbox", placeholder: "Buscar" }),
  photoBox({ container: "#photo", searchClient }),
  hierarchicalMenu({ container: "#categories", attributes: ["hierarchicalCategories.lvl0", "hierarchicalCategories.lvl1"] }),
  refinementList({ container: "#brands", attribute: "brand", searchable: true }),
  rangeInput({ container: "#price", attribute: "price" }),
  stats({ container: "#stats" }),
  sortBy({
    container: "#sort",
    items: [
      { label: "Relevancia", value: "products" },
      { label: "Más baratos", value: "products_price_asc" },
      { label: "Más caros", value: "products_price_desc" },
    ],
  }),
  currentRefinements({ container: "#refinements" }),
  clearRefinements({ container: "#clear" }),
  hits({
    container: "#hits",
    templates: {
      item: (hit, { html, components }) => html`
        <a href="product.html?id=${hit.objectID}">
          ${hit.image ? html`<img src="${hit.image}" alt="" width="240" height="240" />` : ""}
          <div>${components.Highlight({ attribute: "name", hit })}</div>
        </a>
        <b>${money.format(currentPrice(hit))}</b>`,
    },
  }),
  pagination({ container: "#pages" }),
]);
search.start();
