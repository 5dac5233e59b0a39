// A page as shops have it before another engine: names, orders and widgets are that engine's, the search client alone is ours.
import instantsearch from "instantsearch.js";
import {
  breadcrumb, clearRefinements, configure, currentRefinements, dynamicWidgets, hierarchicalMenu, hits, hitsPerPage, infiniteHits, menu, poweredBy,
  queryRuleCustomData, rangeSlider, ratingMenu, refinementList, relatedProducts, searchBox, sortBy, stats, toggleRefinement, trendingItems,
} from "instantsearch.js/es/widgets";
import { createClient, createInstantSearchClient } from "vitrina";

const client = createClient({ url: "http://127.0.0.1:8000" });
const searchClient = createInstantSearchClient(client, { insights: true, attributes: { title: "name", maker: "brand" } });

const asked = new URLSearchParams(location.search);
const levels = [0, 1, 2].map((level) => `categories.lvl${level}`);
const at = (id) => {
  const element = Object.assign(document.createElement("section"), { id });
  document.getElementById("app").append(element);
  return element;
};
const item = `
  <article data-id="{{objectID}}" data-price="{{price}}">
    <img src="{{image}}" alt="{{title}}" width="80"><p class="in">{{categories.0}}</p>
    <h2>{{#helpers.highlight}}{ "attribute": "title" }{{/helpers.highlight}}</h2>
    <p class="about">{{#helpers.snippet}}{ "attribute": "description" }{{/helpers.snippet}}</p><i>{{rating}}</i>
  </article>`;
const card = (hit, { html }) => html`<article data-id="${hit.objectID}">${hit.name}</article>`;
const search = instantsearch({ indexName: "instant_search", searchClient, routing: true, insights: true });
const [product, rootPath] = [asked.get("pid"), asked.get("root")];
search.addWidgets(rootPath ? [
  hierarchicalMenu({ container: at("tree"), attributes: levels, showParentLevel: true, rootPath }),
  hits({ container: at("hits"), templates: { item } }),
] : product ? [
  configure({ hitsPerPage: 1, filters: `objectID:${product}` }),
  hits({ container: at("hits"), templates: { item } }),
  relatedProducts({ container: at("related"), objectIDs: [product], limit: 4, templates: { item: card } }),
] : [
  configure({ ruleContexts: [], removeWordsIfNoResults: "allOptional", aroundLatLngViaIP: true, getRankingInfo: true }),
  searchBox({ container: at("box") }),
  dynamicWidgets({
    container: at("dynamic"),
    widgets: [
      (container) => refinementList({ container, attribute: "maker", searchable: true, showMore: true }),
      (container) => menu({ container, attribute: "categories" }),
    ],
  }),
  hierarchicalMenu({ container: at("tree"), attributes: levels, showParentLevel: true }),
  breadcrumb({ container: at("trail"), attributes: levels }),
  rangeSlider({ container: at("slider"), attribute: "price" }),
  ratingMenu({ container: at("ratings"), attribute: "rating" }),
  toggleRefinement({ container: at("shipping"), attribute: "free_shipping" }),
  sortBy({ container: at("sort"), items: ["instant_search", "instant_search/sort/price:asc", "instant_search:price:desc"].map((value) => ({ label: value, value })) }),
  hitsPerPage({ container: at("size"), items: [{ label: "8", value: 8, default: true }, { label: "16", value: 16 }] }),
  stats({ container: at("stats"), templates: { text: "{{nbHits}}" } }),
  currentRefinements({ container: at("current") }),
  clearRefinements({ container: at("clear") }),
  queryRuleCustomData({ container: at("rules"), templates: { default: ({ items }, { html }) => items.map(({ banner }) => html`<img src="${banner}">`) } }),
  poweredBy({ container: at("powered") }),
  infiniteHits({ container: at("hits"), templates: { item } }),
  trendingItems({ container: at("trending"), templates: { item: card } }),
]);
search.start();
