/** What InstantSearch and its helper send to a search client, and what they read in its answers. */
import type { Product, TextAnswer } from "../client/types.js";

export type FacetFilters = string | readonly (string | readonly string[])[];

export interface SearchParams {
  query?: string;
  /** From 0. */
  page?: number;
  hitsPerPage?: number;
  facets?: string | readonly string[];
  facetFilters?: FacetFilters;
  numericFilters?: string | readonly (string | readonly string[])[];
  filters?: string;
  maxValuesPerFacet?: number;
  highlightPreTag?: string;
  highlightPostTag?: string;
  /** `["description:20"]`: texts to shorten, each with its number of words. */
  attributesToSnippet?: readonly string[];
  snippetEllipsisText?: string;
  clickAnalytics?: boolean;
  /** Tokens of understood parts of the query that are to be searched as words. */
  vitrinaIgnore?: readonly string[];
  /** The ID of a photo, as `photoBox` sets it. */
  vitrinaPhoto?: string;
}

export interface SearchRequest {
  indexName: string;
  params?: SearchParams;
  query?: string;
}

export interface FacetValueRequest {
  indexName: string;
  params: SearchParams & { facetName: string; facetQuery: string; maxFacetHits?: number };
}

export interface RecommendRequest {
  indexName: string;
  model: string;
  objectID: string;
  threshold?: number;
  maxRecommendations?: number;
  queryParameters?: SearchParams;
}

/** A product as a hit, in the form that pages of other engines read. */
export interface Hit extends Omit<Product, "categories"> {
  objectID: string;
  /** What it costs now: filters, orders and `facets_stats` go by it too. */
  price: number;
  /** Its price without reductions. */
  regular_price: number;
  /** The names of its categories, from the root down. */
  categories: string[];
  /** `{ lvl0: ["Cocina"], lvl1: ["Cocina > Hornos"] }` */
  hierarchicalCategories: Record<string, string[]>;
  /** A URL of the photo, for an `img`. */
  image: string | null;
  _highlightResult: Record<string, Highlighted | Highlighted[]>;
  _snippetResult: Record<string, Snippet>;
  /** What the page calls otherwise, by the option `attributes`. */
  [name: string]: unknown;
}

export type MatchLevel = "none" | "partial" | "full";

export interface Highlighted {
  value: string;
  matchLevel: MatchLevel;
  matchedWords: string[];
}

export type Snippet = Pick<Highlighted, "value" | "matchLevel">;

/** What was understood of a query, in `results.vitrina`. */
export type Understood = Pick<TextAnswer, "understood" | "unknown" | "instead"> & {
  did_you_mean: string | null;
  not_sold: boolean;
};

export interface SearchResult {
  index: string;
  query: string;
  params: string;
  page: number;
  nbPages: number;
  hitsPerPage: number;
  nbHits: number;
  exhaustiveNbHits: boolean;
  exhaustiveFacetsCount: boolean;
  processingTimeMS: number;
  facets: Record<string, Record<string, number>>;
  facets_stats: Record<string, { min: number; max: number }>;
  queryID?: string;
  vitrina: Understood;
  /** Which facets `dynamicWidgets` shows. */
  renderingContent?: { facetOrdering: { facets: { order: string[] } } };
  hits: Hit[];
}

export interface FacetHits {
  facetHits: { value: string; highlighted: string; count: number }[];
  exhaustiveFacetsCount: boolean;
  processingTimeMS: number;
}

/** The search client that InstantSearch.js, React and Vue InstantSearch take. */
export interface InstantSearchClient {
  search(requests: readonly SearchRequest[] | { requests: readonly SearchRequest[] }): Promise<{ results: SearchResult[] }>;
  searchForFacetValues(requests: readonly FacetValueRequest[]): Promise<FacetHits[]>;
  getRecommendations(
    requests: readonly RecommendRequest[] | { requests: readonly RecommendRequest[] },
  ): Promise<{ results: { hits: Hit[]; processingTimeMS: number }[] }>;
  clearCache(): void;
  /** Photos that `photoBox` searches with. */
  readonly photos: Photos;
}

/** The photos that searches name by ID: those of the server by their task, those classified on the device by a random token. */
export interface Photos {
  /** Uploads a photo; returns the ID to search with. */
  upload(photo: Blob, options?: { signal?: AbortSignal; onProgress?: (stage: string) => void }): Promise<string>;
  /** Takes what a device made of a photo, as `predictionRequest` returns it; returns the ID to search with. */
  add(prediction: object): string;
}
