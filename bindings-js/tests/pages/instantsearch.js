// Every widget that pages use, each in an element of its own.
import instantsearch from "instantsearch.js";
import {
  clearRefinements, configure, currentRefinements, hierarchicalMenu, hits, lookingSimilar, menu, numericMenu, pagination, rangeInput,
  rangeSlider, refinementList, searchBox, sortBy, stats, toggleRefinement,
} from "instantsearch.js/es/widgets";
import { createClient, createInstantSearchClient, photoBox } from "vitrina";

const client = createClient({ url: "http://127.0.0.1:8000" });
const searchClient = createInstantSearchClient(client, { sorts: { cheapest: "price_asc" } });
const at = (id) => {
  const element = Object.assign(document.createElement("section"), { id });
  document.getElementById("app").append(element);
  return element;
};
const item = (hit, { html, components }) =>
  html`<p data-id="${hit.objectID}" data-price="${hit.price}" data-url="${hit.url}">${components.Highlight({ attribute: "name", hit })}</p>`;
const search = instantsearch({ indexName: "products", searchClient, routing: true });
search.addWidgets([
  configure({ hitsPerPage: 8 }),
  searchBox({ container: at("box") }),
  photoBox({ container: at("photo"), searchClient }),
  stats({ container: at("stats"), templates: { text: ({ nbHits }) => String(nbHits) } }),
  sortBy({ container: at("sort"), items: [{ label: "Best", value: "products" }, { label: "Cheap", value: "cheapest" }] }),
  refinementList({ container: at("brands"), attribute: "brand", limit: 50, searchable: true }),
  refinementList({ container: at("colors"), attribute: "attributes.color", limit: 50, searchable: true }),
  refinementList({ container: at("sizes"), attribute: "attributes.diámetro", limit: 50 }),
  hierarchicalMenu({ container: at("categories"), attributes: [0, 1, 2].map((level) => `hierarchicalCategories.lvl${level}`), limit: 50 }),
  menu({ container: at("menu"), attribute: "category", limit: 50 }),
  rangeInput({ container: at("range"), attribute: "price" }),
  rangeSlider({ container: at("slider"), attribute: "price" }),
  numericMenu({ container: at("numeric"), attribute: "price", items: [{ label: "All" }, { label: "Cheap", end: 50 }] }),
  toggleRefinement({ container: at("stock"), attribute: "in_stock" }),
  currentRefinements({ container: at("current") }),
  clearRefinements({ container: at("clear") }),
  hits({ container: at("hits"), templates: { item } }),
  lookingSimilar({ container: at("similar"), objectIDs: [new URLSearchParams(location.search).get("like") ?? "1"], limit: 6, templates: { item } }),
  pagination({ container: at("pages") }),
]);
search.start();
window.search = search;
