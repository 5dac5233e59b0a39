/**
 * A search client for InstantSearch.js, React InstantSearch and Vue InstantSearch:
 *
 *     const searchClient = createInstantSearchClient(createClient({ url, key }));
 *     instantsearch({ indexName: "products", searchClient });
 *
 * Attributes: `brand`, `category` or `categories`, `price`, `in_stock`, `hierarchicalCategories.lvl0` and deeper, and those of the
 * shop's products (`attributes.color`). Orders: `products`, `products_price_asc`, `products_price_desc`, `products_name`,
 * `products_newest`.
 */
import type { Client } from "../client/index.js";
import type { Sort } from "../client/types.js";
import { createInsightsClient } from "../insights.js";
import { answer } from "./answer.js";
import { KnownCategories } from "./categories.js";
import { canonical, dimension, dimensionKey, type Names, toFilter, without } from "./filter.js";
import { mark } from "./highlight.js";
import { toHit } from "./hits.js";
import { PhotoSearches } from "./photos.js";
import { type Asked, read, type Setup } from "./request.js";
import { toResult } from "./result.js";
import type * as is from "./types.js";

export { UnsupportedFilterError } from "./filter.js";
export type * from "./types.js";

export interface InstantSearchOptions {
  /** The orders of indexes whose names do not tell, such as `{ cheapest: "price_asc" }`. */
  sorts?: Record<string, Sort>;
  /** What attributes are called here, by the names that the page has for them: `{ title: "name", colour: "attributes.Color" }`. */
  attributes?: Names;
  /** The facets that `dynamicWidgets` shows, in this order; without it categories, brands, prices and attributes. */
  facetOrder?: readonly string[];
  /** Counts the clicks of pages that say `insights: true` on the shop's own server; else InstantSearch loads a script from another. */
  insights?: boolean;
}

/** Recommendations that are asked for without a number. */
const RECOMMENDED = 20;
const MODELS = ["looking-similar", "related-products"];

export function createInstantSearchClient(client: Client, options: InstantSearchOptions = {}): is.InstantSearchClient {
  const { sorts = {}, attributes: names = {}, facetOrder = null, insights } = options;
  const photos = new PhotoSearches(client);
  const categories = new KnownCategories(client);
  const setup: Setup = { client, photos, categories, sorts, names, facetOrder };
  // The function that InstantSearch's middleware looks for before it loads another.
  if (insights) Object.assign(globalThis, { aa: createInsightsClient(client) });
  let searching: Promise<unknown> = Promise.resolve();
  return {
    photos,
    clearCache() {},
    search(given) {
      const found = categories.retrying(() => search(listed(given), setup));
      searching = found.catch(() => undefined);
      return found;
    },
    searchForFacetValues: (requests) => {
      return Promise.all(requests.map((request) => categories.retrying(() => facetHits(request, setup))));
    },
    async getRecommendations(given) {
      const recommended = listed(given).map((request) => categories.retrying(() => recommend(request, setup)));
      // InstantSearch draws all widgets when recommendations come, and some of them fail while there are no results.
      const [results] = await Promise.all([Promise.all(recommended), searching]);
      return { results };
    },
  };
}

function listed<T>(given: readonly T[] | { requests: readonly T[] }): readonly T[] {
  return "requests" in given ? given.requests : given;
}

async function search(requests: readonly is.SearchRequest[], setup: Setup): Promise<{ results: is.SearchResult[] }> {
  const begin = Date.now();
  const asked = await Promise.all(requests.map((request) => read(request, setup)));
  const found = await answer(asked, setup);
  return { results: found.map((one, at) => toResult(asked[at] as Asked, one, setup, Date.now() - begin)) };
}

async function facetHits(request: is.FacetValueRequest, setup: Setup): Promise<is.FacetHits> {
  const begin = Date.now();
  const { facetName, facetQuery, maxFacetHits = 10, ...params } = request.params;
  const asked = await read({ indexName: request.indexName, params }, setup);
  const attribute = canonical(facetName, setup.names);
  const of = dimension(attribute);
  const facet = of.kind === "attribute" ? `attributes.${of.name}` : of.kind === "level" ? "category" : of.kind;
  const search = { query: asked.query, filter: toFilter(without(asked.narrowing, dimensionKey(attribute))) };
  const values = await setup.client.facetValues({ facet, query: facetQuery, limit: maxFacetHits, search, highlight_units: "utf16" });
  const tags = [params.highlightPreTag ?? "<em>", params.highlightPostTag ?? "</em>"] as const;
  return {
    facetHits: values.map(({ value, count, highlights }) => ({ value, count, highlighted: mark(value, highlights, tags) })),
    exhaustiveFacetsCount: true,
    processingTimeMS: Date.now() - begin,
  };
}

async function recommend(request: is.RecommendRequest, setup: Setup): Promise<{ hits: is.Hit[]; processingTimeMS: number }> {
  const begin = Date.now();
  if (!MODELS.includes(request.model)) return { hits: [], processingTimeMS: 0 };
  const params = request.queryParameters ?? {};
  const limit = Math.min(request.maxRecommendations || RECOMMENDED, 100);
  const { narrowing } = await read({ indexName: request.indexName, params }, setup);
  const products = await setup.client.similar(request.objectID, { limit, filter: toFilter(narrowing) });
  return { hits: products.map((product) => toHit(product, setup, params, "")), processingTimeMS: Date.now() - begin };
}
