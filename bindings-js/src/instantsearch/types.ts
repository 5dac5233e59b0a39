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

/** A product as a hit. */
export interface Hit extends Product {
  objectID: string;
  /** `{ lvl0: ["Cocina"], lvl1: ["Cocina > Hornos"] }` */
  hierarchicalCategories: Record<string, string[]>;
  /** A URL of the photo, for an `img`. */
  image: string | null;
  _highlightResult: Record<string, { value: string; matchLevel: "none" | "partial" | "full"; matchedWords: string[] }>;
  _snippetResult: Record<string, { value: string; matchLevel: "none" | "partial" | "full" }>;
}

/** What was understood of a query, in `results.userData[0]`: the `queryRuleCustomData` widget renders it. */
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
  userData: Understood[];
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
