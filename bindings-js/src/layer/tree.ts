/** The categories as a tree, of which the branches with a choice are open. */
import { pathOf } from "../instantsearch/facets.js";
import { isWithin, SEPARATOR } from "../instantsearch/filter.js";
import type { Facets } from "../client/types.js";

export interface Branch {
  /** Its path, as filters take it: `Hogar > Cocina`. */
  path: string;
  name: string;
  count: number;
  /** 0 at the root. */
  depth: number;
  isChosen: boolean;
  /** True if something below it is chosen. */
  isOpen: boolean;
}

/** The branches to show, from top to bottom; `chosen` are paths or names. */
export function branches(categories: Facets["categories"], chosen: string[]): Branch[] {
  const known = categories.map((one) => ({ path: pathOf(one).join(SEPARATOR), parent: pathOf(one).slice(0, -1).join(SEPARATOR), depth: pathOf(one).length - 1, name: one.category, count: one.count }));
  const paths = chosen.map((one) => resolved(one, known));
  const shown: Branch[] = [];
  const add = (parent: string) => {
    for (const one of known.filter((branch) => branch.parent === parent)) {
      const isChosen = paths.includes(one.path);
      const isOpen = !isChosen && paths.some((path) => isWithin(path, one.path));
      shown.push({ path: one.path, name: one.name, count: one.count, depth: one.depth, isChosen, isOpen });
      if (isChosen || isOpen) add(one.path);
    }
  };
  add("");
  // What is chosen stays visible, even where nothing has it any more.
  for (const path of paths) {
    if (!shown.some((one) => one.path === path)) shown.push({ path, name: path.split(SEPARATOR).at(-1) ?? path, count: 0, depth: 0, isChosen: true, isOpen: false });
  }
  return shown;
}

/** The choice after one of a branch: it takes the place of those above and below it; taken away, the one above is chosen. */
export function toggledBranch(chosen: string[], { path, isChosen }: Branch, all: Branch[]): string[] {
  const paths = chosen.map((one) => all.find((branch) => branch.isChosen && (branch.path === one || branch.name === one))?.path ?? one);
  if (!isChosen) return [...paths.filter((one) => !isWithin(path, one) && !isWithin(one, path)), path];
  const left = paths.filter((one) => one !== path);
  const parent = path.split(SEPARATOR).slice(0, -1).join(SEPARATOR);
  return parent && !left.some((one) => isWithin(one, parent)) ? [...left, parent] : left;
}

/** A category that was named without those above it: the one nearest to the root, as the server takes it. */
function resolved(one: string, known: { path: string; name: string; depth: number }[]): string {
  if (known.some(({ path }) => path === one)) return one;
  const named = known.filter(({ name }) => name === one).sort((a, b) => a.depth - b.depth);
  return named[0]?.path ?? one;
}
