/**
 * The client of a Vitrina server, for browsers, Node 20 and runtimes like it:
 *
 *     import { createClient } from "vitrina";
 *     const client = createClient({ url: "https://search.example.com", key: "vitrina_…" });
 *     const { products } = await client.search({ query: "camiseta roja" });
 *     const { predictions } = await client.searchPhoto(file, { onProgress: (stage) => … });
 */
import { type ClientOptions, Http, type RequestOptions } from "./http.js";
import * as photo from "./photo.js";
import type { PhotoNarrowing, PhotoOptions, PhotoResult } from "./photo.js";
import type * as api from "./types.js";

export type { ClientOptions, RequestOptions } from "./http.js";
export { VitrinaError, type VitrinaErrorKind } from "./errors.js";
export { currentPrice } from "./price.js";
export { withMatchedVariant } from "./variant.js";
export type { PhotoNarrowing, PhotoOptions, PhotoResult, PhotoStage } from "./photo.js";
export type * from "./types.js";

/** The widths of thumbnails that servers make, in pixels. */
export const THUMBNAIL_WIDTHS = [160, 320, 640, 1280] as const;

/** What a server is asked for. Every method rejects with a `VitrinaError`, or with the reason of an aborted signal. */
export interface Client {
  /** The server, without a slash at the end. */
  readonly url: string;
  /** Products by words; all of them for an empty query. */
  search(search: api.TextSearch, options?: RequestOptions): Promise<api.TextAnswer>;
  /** Many searches in one request, answered in order. */
  searchMany(searches: api.TextSearch[], options?: RequestOptions): Promise<api.TextAnswer[]>;
  /** Values of a facet that contain a text, with counts. */
  facetValues(search: api.FacetValueSearch, options?: RequestOptions): Promise<api.FacetValue[]>;
  /** How a half-typed query may go on. */
  suggest(query: string, options?: RequestOptions & { limit?: number }): Promise<api.Suggestions>;
  /** Uploads a photo and waits for the products that it resembles. */
  searchPhoto(photo: Blob, options?: PhotoOptions): Promise<PhotoResult>;
  /** Uploads a photo; returns the ID of the task that classifies it. */
  uploadPhoto(photo: Blob, options?: PhotoOptions): Promise<string>;
  /** The result of a photo that was uploaded, as soon as there is one. */
  photoResult(taskId: string, options?: PhotoOptions): Promise<PhotoResult>;
  /** Products for a photo that was classified on the device: the photo is not sent. */
  searchPrediction(prediction: api.PredictionSearch, options?: RequestOptions): Promise<api.TaskResult>;
  /** One product. */
  product(id: number | string, options?: RequestOptions): Promise<api.Product>;
  /** The products whose photos resemble this one's. */
  similar(id: number | string, options?: RequestOptions & { limit?: number; filter?: api.Filter }): Promise<api.Product[]>;
  /** All categories. */
  categories(options?: RequestOptions): Promise<api.Category[]>;
  /** Reports clicks and views, anonymously; it never rejects. */
  sendEvents(events: api.ShopEvent[]): Promise<void>;
  /** The URL of a product's photo, at least so many pixels wide where the server makes thumbnails; null without one. */
  photoUrl(product: Pick<api.Product, "photo">, width?: number): string | null;
}

/** A client of the server at `url`. */
export function createClient(options: ClientOptions): Client {
  const http = new Http(options);
  const one = (id: number | string) => `/products/${encodeURIComponent(id)}`;
  return {
    url: http.base,
    search: (search, options) => http.post("/search/text", search, options),
    async searchMany(searches, options) {
      return (await http.post<{ results: api.TextAnswer[] }>("/search/batch", { searches }, options)).results;
    },
    async facetValues(search, options) {
      return (await http.post<{ values: api.FacetValue[] }>("/search/facet-values", search, options)).values;
    },
    suggest(query, { limit, ...options } = {}) {
      const params = new URLSearchParams({ q: query, ...(limit && { limit: String(limit) }) });
      return http.json(`/search/suggest?${params}`, options);
    },
    async searchPhoto(file, options = {}) {
      return photo.result(http, await photo.upload(http, file, options), options);
    },
    uploadPhoto: (file, options) => photo.upload(http, file, options),
    photoResult: (taskId, options) => photo.result(http, taskId, options),
    searchPrediction: (prediction, options) => http.post("/search/prediction", prediction, options),
    product: (id, options) => http.json(one(id), options),
    async similar(id, { limit, filter, ...options } = {}) {
      const narrowing: PhotoNarrowing = { filter: filter ?? null };
      const path = `${one(id)}/similar${photo.narrowed(narrowing, limit ? { limit: String(limit) } : {})}`;
      return (await http.json<{ products: api.Product[] }>(path, options)).products;
    },
    async categories(options) {
      return (await http.json<{ categories: api.Category[] }>("/categories", options)).categories;
    },
    async sendEvents(events) {
      const headers = { "content-type": "application/json" };
      const body = JSON.stringify({ events });
      // Kept alive: a click often leaves the page.
      const call = { method: "POST", headers, body, keepalive: true, repeatable: false } as const;
      await http.answer("/events", call, async () => undefined).catch(() => undefined);
    },
    photoUrl({ photo: path }, width) {
      if (!path) return null;
      if (/^https?:/.test(path)) return path;
      const wide = width && (THUMBNAIL_WIDTHS.find((made) => made >= width) ?? THUMBNAIL_WIDTHS.at(-1));
      return `${http.base}${path}${wide ? `?w=${wide}` : ""}`;
    },
  };
}
