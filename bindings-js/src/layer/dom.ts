/** Elements without markup: nothing of a product's texts is ever parsed as HTML, and no style attribute meets a strict CSP. */

type Listener = (event: never) => void;
type Value = string | number | boolean | null | undefined | Listener;
export type Child = Node | string | null | undefined | false;

/** An element. `on…` are listeners, `class` and all others attributes; false, null and undefined leave them out. */
export function h<K extends keyof HTMLElementTagNameMap>(
  name: K,
  attributes: Record<string, Value> = {},
  ...children: (Child | Child[])[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(key.slice(2), value as EventListener);
    else if (value !== false && value != null) element.setAttribute(key, value === true ? "" : String(value));
  }
  element.append(...children.flat().filter((child): child is Node | string => child instanceof Node || typeof child === "string"));
  return element;
}

const SVG = "http://www.w3.org/2000/svg";
/** Paths of icons of 24 by 24 units, drawn as lines. */
const ICONS = {
  search: "M11 4a7 7 0 1 0 0 14 7 7 0 0 0 0-14zM20 20l-4-4",
  camera: "M4 8h3l1.6-2.4h6.8L17 8h3a1 1 0 0 1 1 1v9a1 1 0 0 1-1 1H4a1 1 0 0 1-1-1V9a1 1 0 0 1 1-1zM12 10a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7z",
  close: "M6 6l12 12M18 6L6 18",
  filters: "M4 7h9M17 7h3M4 17h3M11 17h9M15 5v4M9 15v4",
  look: "M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12zM12 9a3 3 0 1 0 0 6 3 3 0 0 0 0-6z",
  folder: "M4 6h6l2 2h8v10H4z",
  back: "M15 5l-7 7 7 7",
  image: "M4 5h16v14H4zM4 16l5-5 4 4 3-3 4 4M15.5 9.5h.01",
} as const;

export function icon(name: keyof typeof ICONS): SVGSVGElement {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  return svg;
}

/** A text with ranges of it marked. */
export function marked(text: string, ranges: number[][] | null | undefined): Child[] {
  const parts: Child[] = [];
  let at = 0;
  for (const [start = 0, end = 0] of ranges ?? []) {
    parts.push(text.slice(at, start), h("mark", {}, text.slice(start, end)));
    at = end;
  }
  parts.push(text.slice(at));
  return parts;
}

/** Replaces the children of an element; what had the focus, by its `data-key`, has it again. */
export function replace(element: HTMLElement, ...children: (Child | Child[])[]): void {
  const root = element.getRootNode() as ShadowRoot;
  const focused = root.activeElement;
  const key = focused && element.contains(focused) ? focused.getAttribute("data-key") : null;
  element.replaceChildren(...children.flat().filter((child): child is Node | string => child instanceof Node || typeof child === "string"));
  if (key) element.querySelector<HTMLElement>(`[data-key="${CSS.escape(key)}"]`)?.focus({ preventScroll: true });
}
