/**
 * Sources for Autocomplete (`@algolia/autocomplete-js`):
 *
 *     autocomplete({ container: "#search", getSources: createSources(createClient({ url, key })) });
 */
import type { Client } from "../client/index.js";
import type { Category, Product, Suggestions } from "../client/types.js";

export interface SourceOptions {
  /** How many of each kind; 6 unless given. */
  limit?: number;
  /** Called with a suggestion, a category or a product that was chosen. */
  onSelect?: (item: Item, query: string) => void;
  /** The URL that an item leads to. */
  getItemUrl?: (item: Item) => string | undefined;
}

export type Item =
  | { kind: "query"; label: string }
  | ({ kind: "category"; label: string } & Category)
  | ({ kind: "product"; label: string; image: string | null } & Product);

const LIMIT = 6;
const IMAGE_WIDTH = 160;

/** The function for `getSources`: queries, categories and products, asked for in one request a keystroke. */
export function createSources(client: Client, options: SourceOptions = {}) {
  const { limit = LIMIT, onSelect, getItemUrl } = options;
  return async ({ query }: { query: string }) => {
    const found: Suggestions = query.trim() ? await client.suggest(query, { limit }) : { queries: [], categories: [], products: [] };
    const source = (sourceId: string, items: Item[]) => ({
      sourceId,
      getItems: () => items,
      getItemInputValue: ({ item }: { item: Item }) => item.label,
      getItemUrl: ({ item }: { item: Item }) => getItemUrl?.(item),
      onSelect: ({ item }: { item: Item }) => onSelect?.(item, query),
      templates: {
        item({ item, html }: { item: Item; html: (parts: TemplateStringsArray, ...values: unknown[]) => unknown }) {
          return item.kind === "product" && item.image
            ? html`<div class="vitrina-item"><img src="${item.image}" alt="" width="40" height="40" /> ${item.label}</div>`
            : html`<div class="vitrina-item">${item.label}</div>`;
        },
      },
    });
    return [
      source("vitrina-queries", found.queries.map((label) => ({ kind: "query" as const, label }))),
      source("vitrina-categories", found.categories.map((one) => ({ kind: "category" as const, label: one.name, ...one }))),
      source("vitrina-products", found.products.map((one) => {
        return { kind: "product" as const, label: one.name, image: client.photoUrl(one, IMAGE_WIDTH), ...one };
      })),
    ].filter((one) => one.getItems().length > 0);
  };
}
