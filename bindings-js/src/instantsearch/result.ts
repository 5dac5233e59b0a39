/** What was found as InstantSearch reads it. */
import type { Facets } from "../client/types.js";
import type { Found } from "./answer.js";
import { asksForAll, counts, priceStats, shown, wanted } from "./facets.js";
import { canonical, dimension } from "./filter.js";
import { toHit } from "./hits.js";
import { REACH } from "./pages.js";
import { span } from "./ranges.js";
import type { Asked, Setup } from "./request.js";
import { randomToken } from "./token.js";
import type { SearchResult } from "./types.js";

const MOST_VALUES = 100;

export function toResult(one: Asked, found: Found, setup: Setup, time: number): SearchResult {
  const { indexName, params, query, hitsPerPage, page } = one;
  const reached = Math.min(found.total, REACH);
  const hits = hitsPerPage > 0 ? found.products.map((product) => toHit(product, setup, params, query)) : [];
  const result: SearchResult = {
    index: indexName,
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
    vitrina: found.understood,
    hits,
  };
  if (params.clickAnalytics) result.queryID = randomToken();
  if (found.facets) addFacets(result, one, found.facets, setup);
  return result;
}

function addFacets(result: SearchResult, { params, narrowing }: Asked, facets: Facets, { names, facetOrder }: Setup): void {
  for (const name of wanted(params, facets, names)) {
    const attribute = canonical(name, names);
    const of = counts(facets, attribute, narrowing, params.maxValuesPerFacet ?? MOST_VALUES);
    const stats = dimension(attribute).kind === "price" ? priceStats(facets) : span(of);
    result.facets[name] = of;
    if (stats) result.facets_stats[name] = stats;
  }
  if (asksForAll(params)) result.renderingContent = { facetOrdering: { facets: { order: [...(facetOrder ?? shown(facets, names))] } } };
}
