/** The objects of the HTTP contract, by the names of the OpenAPI document that `api.ts` is generated from. */
import type { components } from "./api.js";

type Schemas = components["schemas"];
/** A request's body: what has a default may be left out. */
type Given<T, Required extends keyof T = never> = Partial<T> & Pick<T, Required>;

export type Product = Schemas["Product"];
export type Variant = Schemas["Variant"];
export type Category = Schemas["Category"];
export type Prediction = Schemas["Prediction"];
export type Suggestions = Schemas["Suggestions"];
export type Facets = Schemas["Facets"];
export type Sort = Schemas["Sort"];
export type Filter = Given<Schemas["Filter"]>;
export type TextSearch = Omit<Given<Schemas["TextSearch"], "query">, "filter"> & { filter?: Filter | null };
export type TextAnswer = Schemas["TextAnswer"];
export type UnderstoodPart = Schemas["UnderstoodPart"];
export type PredictionSearch = Omit<Given<Schemas["PredictionSearch"]>, "filter"> & { filter?: Filter | null };
export type TaskResult = Schemas["TaskResult"];
export type TaskPending = Schemas["TaskPending"];
export type FacetValueSearch = Omit<Given<Schemas["FacetValueSearch"], "facet">, "search"> & { search?: TextSearch | null };
export type FacetValue = Schemas["FacetValue"];
export type ShopEvent = Given<Schemas["ShopEvent"], "action_name">;
