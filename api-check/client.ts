// A client of the API whose types are generated from the OpenAPI document: a search by words, and one by photo.
import createClient from "openapi-fetch";
import type { paths } from "./generated/api.js";

/** What a search found. */
export interface Found {
  categories: string[];
  products: string[];
}

/** Searches by words. */
export async function byWords(url: string, query: string): Promise<Found> {
  const client = createClient<paths>({ baseUrl: url });
  const { data, error } = await client.POST("/search/text", { body: { query, limit: 5 } });
  if (error) throw new Error(error.detail);
  const price: number | undefined = data.products[0]?.price;
  const brand: string | null | undefined = data.products[0]?.brand;
  if (price === undefined || brand === undefined) throw new Error("a product has no price or no brand");
  return { categories: data.categories, products: data.products.map((product) => product.name) };
}

/** Uploads a photo and waits for its result. */
export async function byPhoto(url: string, photo: Blob): Promise<Found> {
  const client = createClient<paths>({ baseUrl: url });
  const accepted = await client.POST("/search/image", {
    // The generator's type of a file is a string.
    body: { file: "" },
    bodySerializer: () => {
      const form = new FormData();
      form.append("file", photo, "photo.jpg");
      return form;
    },
  });
  if (accepted.error) throw new Error(accepted.error.detail);
  const { data, error } = await client.GET("/tasks/{task_id}/result", {
    params: { path: { task_id: accepted.data.task_id }, header: { Prefer: "wait=30" } },
  });
  if (error) throw new Error(error.detail);
  if (!("products" in data)) throw new Error(`the task is ${data.stage}`);
  return { categories: data.categories, products: data.products.map((product) => product.name) };
}
