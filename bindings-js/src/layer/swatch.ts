/** A spot of colour beside the name of one. */
import { h } from "./dom.js";

/** Colours by their names in Spanish and English, the gender's ending left out. */
const COLOURS: Record<string, string> = {
  blanc: "#fff", white: "#fff", negr: "#1b1b1d", black: "#1b1b1d", gris: "#8d929b", grey: "#8d929b", gray: "#8d929b",
  roj: "#d0342c", red: "#d0342c", azul: "#2b62c9", blue: "#2b62c9", "azul marin": "#1d2b53", navy: "#1d2b53", celeste: "#8ec5ea",
  verde: "#2f8a4b", green: "#2f8a4b", amarill: "#f2c230", yellow: "#f2c230", naranj: "#ee7f2d", orange: "#ee7f2d",
  rosa: "#ef9ab8", pink: "#ef9ab8", morad: "#7b4aa5", purple: "#7b4aa5", violet: "#8a5cc2", marron: "#7a4a2b", brown: "#7a4a2b",
  beis: "#dcc9a6", beige: "#dcc9a6", crem: "#f3e9d2", cream: "#f3e9d2", dorad: "#c9a24b", gold: "#c9a24b",
  plata: "#c3c7cd", platead: "#c3c7cd", silver: "#c3c7cd", acer: "#aab0b8", steel: "#aab0b8", turques: "#30b5b0", turquoise: "#30b5b0",
  burdeos: "#6d1f33", caqui: "#8a8558", khaki: "#8a8558", mostaz: "#d1a02a",
};

export function swatch(value: string): HTMLElement | null {
  const name = value.trim().toLowerCase().normalize("NFD").replace(/\p{Mark}/gu, "");
  const colour = COLOURS[name] ?? COLOURS[name.replace(/[oa]$/, "")];
  if (!colour) return null;
  const spot = h("span", { class: "swatch", "aria-hidden": "true" });
  // By the object model, which a strict CSP allows.
  spot.style.background = colour;
  return spot;
}
