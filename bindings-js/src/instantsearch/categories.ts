/** Categories that the shop does not have, or no longer: the server refuses them, while pages expect that nothing is in them. */
import type { Client } from "../client/index.js";
import { VitrinaError } from "../client/errors.js";
import type { Category } from "../client/types.js";
import { dimensionKey, type Narrowing, SEPARATOR } from "./filter.js";

export class KnownCategories {
  /** Names and paths in small letters, once a request was refused. */
  private known: Set<string> | null = null;

  constructor(private readonly client: Client) {}

  /** The same filters, but an unknown category is an attribute that no product has. */
  checked(narrowing: Narrowing): Narrowing {
    const { known } = this;
    if (!known) return narrowing;
    const choices = [...narrowing.choices].map(([attribute, values]): [string, string[]] => {
      const kept = values.filter((value) => known.has(value.toLowerCase()));
      if (dimensionKey(attribute) !== "category" || kept.length === values.length) return [attribute, values];
      return kept.length ? [attribute, kept] : [`attributes.${attribute}`, values];
    });
    return { ...narrowing, choices: new Map(choices) };
  }

  /** Calls `ask`; once more where it was refused and the categories were not known yet. */
  async retrying<T>(ask: () => Promise<T>): Promise<T> {
    try {
      return await ask();
    } catch (error) {
      if (this.known || !(error instanceof VitrinaError) || error.kind !== "invalid") throw error;
      this.known = names(await this.client.categories());
      return ask();
    }
  }
}

function names(categories: Category[]): Set<string> {
  const byId = new Map(categories.map((category) => [category.id, category]));
  const path = ({ name, parent }: Category): string => {
    const above = parent == null ? undefined : byId.get(parent);
    return above ? path(above) + SEPARATOR + name : name;
  };
  return new Set(categories.flatMap((category) => [category.name, path(category)]).map((name) => name.toLowerCase()));
}
