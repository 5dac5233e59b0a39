/** How a shop configures the layer: by the attributes of its element. */
import { type Client, createClient } from "../client/index.js";
import type { Product, Variant } from "../client/types.js";
import { type Texts, textsOf } from "./texts.js";

export interface Config {
  client: Client;
  texts: Texts;
  language: string;
  /** Formats a price. */
  money(amount: number): string;
  /** Formats a limit of prices: without cents where there are none. */
  bound(amount: number): string;
  /** The URL of the page of a product, or of a variant of it; null where the shop has not said. */
  link(product: Product, variant?: Variant | null): string | null;
  /** The selector of the shop's own search box. */
  input: string | null;
  /** True if a button floats over the page. */
  hasButton: boolean;
  /** The folder of the classifier for devices, on the page's own origin. */
  device: string | null;
}

/** The origin and path that this script came from. */
const script = document.currentScript as HTMLScriptElement | null;
const ORIGIN = script?.src ? new URL(".", script.src).href : document.baseURI;

/**
 * Attributes of `<vitrina-search>`: `server`, `key`, `input`, `button`, `lang`, `currency`, `product-url` and `device`; texts
 * of the shop's own are JSON in a `<script type="application/json">` inside.
 */
export function configure(element: HTMLElement): Config {
  const attribute = (name: string) => element.getAttribute(name)?.trim() || null;
  const language = element.lang || document.documentElement.lang || navigator.language || "es";
  const currency = attribute("currency") ?? "EUR";
  const template = attribute("product-url");
  const key = attribute("key");
  const input = attribute("input");
  const format = (more: object) => new Intl.NumberFormat(language, { style: "currency", currency, ...more });
  const [money, bound] = [format({}), format({ trailingZeroDisplay: "stripIfInteger" })];
  return {
    client: createClient({ url: new URL(attribute("server") ?? ".", ORIGIN), ...(key && { key }) }),
    texts: textsOf(language, ownTexts(element)),
    language,
    money: (amount) => money.format(amount),
    bound: (amount) => bound.format(amount),
    link(product, variant) {
      const url = template ? expand(template, product) : variant?.url || product.url;
      return url ? httpUrl(url) : null;
    },
    input,
    hasButton: (attribute("button") ?? (input ? "none" : "floating")) !== "none",
    device: attribute("device"),
  };
}

function ownTexts(element: HTMLElement): Partial<Texts> {
  const json = element.querySelector('script[type="application/json"]')?.textContent;
  if (!json) return {};
  try {
    return JSON.parse(json) as Partial<Texts>;
  } catch (error) {
    console.warn("vitrina-search: the texts are no JSON", error);
    return {};
  }
}

/** `/producto/{id}`: fields of the product in braces. */
function expand(template: string, product: Product): string {
  const fields = product as unknown as Record<string, unknown>;
  return template.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(fields[name] ?? "")));
}

/** A URL that leads to a page, and to nothing that runs. */
function httpUrl(url: string): string | null {
  try {
    const { protocol, href } = new URL(url, document.baseURI);
    return protocol === "https:" || protocol === "http:" ? href : null;
  } catch {
    return null;
  }
}
