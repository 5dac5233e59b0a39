/** Ranges of attributes. The server has ranges of prices alone: one of an attribute becomes the values in it. */
import type { Client } from "../client/index.js";
import type { Counts } from "./facets.js";
import { both, dimension, type Narrowing, type Range, UnsupportedFilterError } from "./filter.js";

/** The server returns so many values of an attribute at most. */
const MOST_VALUES = 50;
/** Stands for values where none is in a range. No product has it. */
const NO_VALUE = "(no value in the range)";

/** The same filters with values in place of ranges, but for prices. */
export async function withValues(narrowing: Narrowing, client: Client): Promise<Narrowing> {
  const [choices, ranges] = [new Map(narrowing.choices), new Map(narrowing.ranges)];
  for (const [attribute, range] of ranges) {
    const of = dimension(attribute);
    if (of.kind !== "attribute") continue;
    const values = await client.facetValues({ facet: `attributes.${of.name}`, limit: MOST_VALUES });
    if (values.length >= MOST_VALUES) throw new UnsupportedFilterError(`${attribute} has too many values for a range`);
    const inside = values.map(({ value }) => value).filter((value) => isWithin(Number(value), range));
    const known = choices.get(attribute);
    const fitting = inside.length ? inside : [NO_VALUE];
    choices.set(attribute, known ? both(attribute, known, fitting) : fitting);
    ranges.delete(attribute);
  }
  return { ...narrowing, choices, ranges };
}

/** The lowest and highest of values that are all numbers. */
export function span(counts: Counts): { min: number; max: number } | null {
  const numbers = Object.keys(counts).map(Number);
  if (!numbers.length || numbers.some(Number.isNaN)) return null;
  return { min: Math.min(...numbers), max: Math.max(...numbers) };
}

function isWithin(value: number, { min = -Infinity, max = Infinity }: Range): boolean {
  return min <= value && value <= max;
}
