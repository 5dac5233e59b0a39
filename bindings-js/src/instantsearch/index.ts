/**
 * A search client for InstantSearch.js, React InstantSearch and Vue InstantSearch:
 *
 *     const searchClient = createInstantSearchClient(createClient({ url, key }));
 *     instantsearch({ indexName: "products", searchClient });
 *
 * Attributes: `brand`, `category`, `price`, `in_stock`, `hierarchicalCategories.lvl0` and deeper, and those of the shop's
 * products (`attributes.color`). Orders: `products`, `products_price_asc`, `products_price_desc`, `products_name`, `products_newest`.
 */
import type { Client } from "../client/index.js";
import type { Facets, Sort, TextAnswer, TextSearch } from "../client/types.js";
import { counts, priceStats, wanted } from "./facets.js";
import { dimension, dimensionKey, narrowing, type Narrowing, sortOf, toFilter } from "./filter.js";
import { mark } from "./highlight.js";
import { toHit } from "./hits.js";
import { productsOf, REACH, searchesOf } from "./pages.js";
import { PhotoSearches } from "./photos.js";
import { randomToken } from "./token.js";
import type * as is from "./types.js";

export { UnsupportedFilterError } from "./filter.js";
export type * from "./types.js";

export interface InstantSearchOptions {
  /** The orders of indexes whose names do not tell, such as `{ cheapest: "price_asc" }`. */
  sorts?: Record<string, Sort>;
}

const HITS_PER_PAGE = 20;
/** The server takes so many searches at once. */
const BATCH = 20;
const MOST_VALUES = 100;

/** A request with its filters read. */
interface Asked {
  request: is.SearchRequest;
  params: is.SearchParams;
  query: string;
  narrowing: Narrowing;
  sort: Sort | null;
  hitsPerPage: number;
  page: number;
}

/** What answers a request: products, if it asks for any, and counts. */
interface Found {
  products: TextAnswer["products"];
  total: number;
  isExact: boolean;
  facets: Facets | null;
  understood: is.Understood;
}

const NOTHING: is.Understood = { understood: [], unknown: [], instead: [], did_you_mean: null, not_sold: false };

export function createInstantSearchClient(client: Client, options: InstantSearchOptions = {}): is.InstantSearchClient {
  const sorts = options.sorts ?? {};
  const photos = new PhotoSearches(client);
  return {
    photos,
    clearCache() {},
    async search(given) {
      const begin = Date.now();
      const requests = "requests" in given ? given.requests : given;
      const asked = requests.map((request) => read(request, sorts));
      const found = await answer(asked, client, photos);
      return { results: asked.map((one, at) => toResult(one, found[at] as Found, client, Date.now() - begin)) };
    },
    searchForFacetValues: (requests) => Promise.all(requests.map((request) => facetHits(request, client, sorts))),
    async getRecommendations(given) {
      const requests = "requests" in given ? given.requests : given;
      return { results: await Promise.all(requests.map((request) => recommend(request, client))) };
    },
  };
}

function read(request: is.SearchRequest, sorts: Record<string, Sort>): Asked {
  const params = request.params ?? {};
  return {
    request,
    params,
    query: params.query ?? request.query ?? "",
    narrowing: narrowing(params),
    sort: sortOf(request.indexName, sorts),
    hitsPerPage: params.hitsPerPage ?? HITS_PER_PAGE,
    page: params.page ?? 0,
  };
}

/**
 * Answers all requests by as few searches as can be. Counts of the server leave their own filter out, so the request for
 * hits answers those that InstantSearch adds for the counts of each refined facet and of the levels above a menu's.
 */
async function answer(asked: Asked[], client: Client, photos: PhotoSearches): Promise<Found[]> {
  const searches = new Map<string, TextSearch>();
  const counts = asked.some(({ params }) => (params.facets?.length ?? 0) > 0);
  const keys = asked.map((one) => {
    if (one.params.vitrinaPhoto) return [];
    const { page, hitsPerPage, ...of } = asked.find((other) => other !== one && covers(other, one)) ?? one;
    return searchesOf(toSearch(of, counts), page, hitsPerPage).map((search) => {
      const key = JSON.stringify(search);
      searches.set(key, search);
      return key;
    });
  });
  const answers = await answersTo(searches, client);
  return Promise.all(asked.map((one, at) => {
    const photo = one.params.vitrinaPhoto;
    if (photo) return byPhoto(photo, one, photos);
    const parts = (keys[at] ?? []).map((key) => answers.get(key) as TextAnswer);
    return ofAnswer(parts[0] as TextAnswer, productsOf(parts, one.page, one.hitsPerPage));
  }));
}

/** The answers by the keys of the searches, in as few requests as can be. */
async function answersTo(searches: Map<string, TextSearch>, client: Client): Promise<Map<string, TextAnswer>> {
  const [all, answers] = [[...searches], new Map<string, TextAnswer>()];
  for (let from = 0; from < all.length; from += BATCH) {
    const batch = all.slice(from, from + BATCH);
    const bodies = batch.map(([, search]) => search);
    const [only] = bodies;
    const found = bodies.length === 1 && only ? [await client.search(only)] : await client.searchMany(bodies);
    batch.forEach(([key], at) => answers.set(key, found[at] as TextAnswer));
  }
  return answers;
}

/** True if the counts that `other` asks for are in the answer to `main`: only the filter of the facet itself differs. */
function covers(main: Asked, other: Asked): boolean {
  if (main.hitsPerPage === 0 || other.hitsPerPage !== 0) return false;
  if (main.request.indexName !== other.request.indexName || main.query !== other.query) return false;
  const facets = wanted(other.params.facets, null);
  const [own, ...rest] = [...new Set(facets.map(dimensionKey))];
  if (!own || rest.length) return false;
  return JSON.stringify(without(main.narrowing, own)) === JSON.stringify(without(other.narrowing, own));
}

function without({ choices, min, max }: Narrowing, own: string): unknown {
  const left = [...choices].filter(([attribute]) => dimensionKey(attribute) !== own).sort(([a], [b]) => (a < b ? -1 : 1));
  return own === "price" ? { left } : { left, min, max };
}

function toSearch({ query, narrowing, sort, params }: Omit<Asked, "page" | "hitsPerPage">, facets: boolean): TextSearch {
  return {
    query,
    filter: toFilter(narrowing),
    ...(sort && { sort }),
    facets,
    highlight_units: "utf16",
    ...(params.vitrinaIgnore?.length && { ignore: [...params.vitrinaIgnore] }),
  };
}

function ofAnswer(answer: TextAnswer, products: TextAnswer["products"]): Found {
  const { understood, unknown, instead, did_you_mean } = answer;
  return {
    products,
    total: answer.total,
    isExact: answer.total_is_exact,
    facets: answer.facets ?? null,
    understood: { understood, unknown, instead: instead ?? [], did_you_mean: did_you_mean ?? null, not_sold: false },
  };
}

async function byPhoto(photo: string, one: Asked, photos: PhotoSearches): Promise<Found> {
  const { products, facets, notSold } = await photos.search(photo, one.query, toFilter(one.narrowing), one.sort);
  const from = one.page * one.hitsPerPage;
  return {
    products: products.slice(from, from + one.hitsPerPage),
    total: products.length,
    isExact: true,
    facets,
    understood: { ...NOTHING, not_sold: notSold },
  };
}

function toResult(one: Asked, found: Found, client: Client, time: number): is.SearchResult {
  const { params, query, hitsPerPage, page } = one;
  const reached = Math.min(found.total, REACH);
  const result: is.SearchResult = {
    index: one.request.indexName,
    query,
    params: new URLSearchParams(Object.entries(params).map(([name, value]) => [name, String(value)])).toString(),
    page,
    nbPages: hitsPerPage > 0 ? Math.ceil(reached / hitsPerPage) : 0,
    hitsPerPage,
    nbHits: found.total,
    exhaustiveNbHits: found.isExact,
    exhaustiveFacetsCount: true,
    processingTimeMS: time,
    facets: {},
    facets_stats: {},
    userData: [found.understood],
    hits: hitsPerPage > 0 ? found.products.map((product) => toHit(product, client, params, query)) : [],
  };
  if (params.clickAnalytics) result.queryID = randomToken();
  if (!found.facets) return result;
  const within = [...one.narrowing.choices].filter(([attribute]) => dimension(attribute).kind === "level");
  const paths = within.flatMap(([, values]) => values);
  for (const attribute of wanted(params.facets, found.facets)) {
    if (dimension(attribute).kind === "price") {
      const stats = priceStats(found.facets);
      result.facets[attribute] = {};
      if (stats) result.facets_stats[attribute] = stats;
    } else {
      result.facets[attribute] = counts(found.facets, attribute, paths, params.maxValuesPerFacet ?? MOST_VALUES);
    }
  }
  return result;
}

async function facetHits(request: is.FacetValueRequest, client: Client, sorts: Record<string, Sort>): Promise<is.FacetHits> {
  const begin = Date.now();
  const { facetName, facetQuery, maxFacetHits = 10, ...params } = request.params;
  const asked = read({ indexName: request.indexName, params }, sorts);
  const own = dimensionKey(facetName);
  const choices = new Map([...asked.narrowing.choices].filter(([attribute]) => dimensionKey(attribute) !== own));
  const of = dimension(facetName);
  const facet = of.kind === "attribute" ? `attributes.${of.name}` : of.kind === "level" ? "category" : of.kind;
  const search = { query: asked.query, filter: toFilter({ ...asked.narrowing, choices }) };
  const values = await client.facetValues({ facet, query: facetQuery, limit: maxFacetHits, search, highlight_units: "utf16" });
  const tags = [params.highlightPreTag ?? "<em>", params.highlightPostTag ?? "</em>"] as const;
  return {
    facetHits: values.map(({ value, count, highlights }) => ({ value, count, highlighted: mark(value, highlights, tags) })),
    exhaustiveFacetsCount: true,
    processingTimeMS: Date.now() - begin,
  };
}

async function recommend(request: is.RecommendRequest, client: Client): Promise<{ hits: is.Hit[]; processingTimeMS: number }> {
  const begin = Date.now();
  if (!["looking-similar", "related-products"].includes(request.model)) return { hits: [], processingTimeMS: 0 };
  const params = request.queryParameters ?? {};
  const limit = Math.min(request.maxRecommendations || HITS_PER_PAGE, 100);
  const products = await client.similar(request.objectID, { limit, filter: toFilter(narrowing(params)) });
  return { hits: products.map((product) => toHit(product, client, params, "")), processingTimeMS: Date.now() - begin };
}
