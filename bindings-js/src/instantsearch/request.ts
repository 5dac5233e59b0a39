/** Requests with their filters read, and the searches of the server that answer them. */
import type { Client } from "../client/index.js";
import type { Sort, TextSearch } from "../client/types.js";
import type { KnownCategories } from "./categories.js";
import { named } from "./facets.js";
import { canonical, dimensionKey, type Names, narrowing, type Narrowing, sortOf, toFilter, without } from "./filter.js";
import type { PhotoSearches } from "./photos.js";
import { withValues } from "./ranges.js";
import type * as is from "./types.js";

/** What all requests of a search client share. */
export interface Setup {
  client: Client;
  photos: PhotoSearches;
  categories: KnownCategories;
  /** Orders by index names. */
  sorts: Record<string, Sort>;
  names: Names;
  facetOrder: readonly string[] | null;
}

/** A request with its filters read. */
export interface Asked {
  indexName: string;
  params: is.SearchParams;
  query: string;
  narrowing: Narrowing;
  sort: Sort | null;
  hitsPerPage: number;
  page: number;
}

const HITS_PER_PAGE = 20;

export async function read({ indexName, params = {}, query = "" }: is.SearchRequest, { client, categories, sorts, names }: Setup): Promise<Asked> {
  return {
    indexName,
    params,
    query: params.query ?? query,
    narrowing: categories.checked(await withValues(narrowing(params, names), client)),
    sort: sortOf(indexName, sorts),
    hitsPerPage: params.hitsPerPage ?? HITS_PER_PAGE,
    page: params.page ?? 0,
  };
}

/** True if the counts that `other` asks for are in the answer to `main`: only the filter of the facet itself differs. */
export function covers(main: Asked, other: Asked, names: Names): boolean {
  if (main.hitsPerPage === 0 || other.hitsPerPage !== 0) return false;
  if (main.indexName !== other.indexName || main.query !== other.query) return false;
  const [own, ...rest] = [...new Set(named(other.params).map((facet) => dimensionKey(canonical(facet, names))))];
  if (!own || rest.length) return false;
  return sameFilters(without(main.narrowing, own), without(other.narrowing, own));
}

function sameFilters(one: Narrowing, other: Narrowing): boolean {
  const text = ({ choices, ranges }: Narrowing) => {
    const [values, spans] = [choices, ranges].map((map) => [...map].sort(([a], [b]) => (a < b ? -1 : 1)));
    return JSON.stringify([values, spans]);
  };
  return text(one) === text(other);
}

/** The search for a request, without its page. */
export function toSearch({ query, narrowing, sort, params }: Asked, facets: boolean | string[]): TextSearch {
  return {
    query,
    filter: toFilter(narrowing),
    ...(sort && { sort }),
    facets,
    highlight_units: "utf16",
    ...(params.vitrinaIgnore?.length && { ignore: [...params.vitrinaIgnore] }),
  };
}
