/** The `photoBox` widget for InstantSearch.js: a button for the camera or a file, a place to drop photos, and what it found. */
import { connectPhotoBox, type PhotoBoxParams, type PhotoBoxRenderState } from "./connector.js";

export interface PhotoBoxTexts {
  button: string;
  clear: string;
  working: string;
  failed: string;
}

export interface PhotoBoxWidgetParams extends PhotoBoxParams {
  container: string | HTMLElement;
  /** Texts; Spanish where the page's language is Spanish, English else. */
  texts?: Partial<PhotoBoxTexts>;
}

const TEXTS: Record<"es" | "en", PhotoBoxTexts> = {
  es: { button: "Buscar con una foto", clear: "Quitar la foto", working: "Buscando…", failed: "No se pudo buscar con esta foto" },
  en: { button: "Search with a photo", clear: "Remove the photo", working: "Searching…", failed: "This photo could not be searched" },
};

interface Elements {
  root: HTMLElement;
  input: HTMLInputElement;
  pick: HTMLButtonElement;
  preview: HTMLImageElement;
  clear: HTMLButtonElement;
  status: HTMLElement;
}

/** The widget. Its classes are `vitrina-PhotoBox` and `vitrina-PhotoBox-…`. */
export function photoBox(params: PhotoBoxWidgetParams) {
  const container = typeof params.container === "string" ? document.querySelector<HTMLElement>(params.container) : params.container;
  if (!container) throw new Error(`photoBox: there is no element ${params.container}`);
  const texts = { ...TEXTS[document.documentElement.lang.startsWith("es") ? "es" : "en"], ...params.texts };
  let state: PhotoBoxRenderState | null = null;
  const elements = build(texts, (photo) => void state?.refine(photo), () => state?.clear());
  const widget = connectPhotoBox(
    (options, isFirst) => {
      state = options;
      if (isFirst) container.append(elements.root);
      update(elements, options, texts);
    },
    () => elements.root.remove(),
  );
  return widget(params);
}

function build(texts: PhotoBoxTexts, refine: (photo: Blob) => void, clear: () => void): Elements {
  const element = <K extends keyof HTMLElementTagNameMap>(name: K, part: string, more: object = {}) =>
    Object.assign(document.createElement(name), { className: `vitrina-PhotoBox${part}` }, more);
  const elements: Elements = {
    root: element("div", ""),
    input: element("input", "-input", { type: "file", accept: "image/*", hidden: true }),
    pick: element("button", "-button", { type: "button", textContent: texts.button }),
    preview: element("img", "-preview", { alt: "", hidden: true }),
    clear: element("button", "-clear", { type: "button", textContent: "×", hidden: true }),
    status: element("span", "-status"),
  };
  const { root, input, pick, status } = elements;
  elements.clear.setAttribute("aria-label", texts.clear);
  status.setAttribute("role", "status");
  root.append(input, pick, elements.preview, elements.clear, status);
  pick.addEventListener("click", () => input.click());
  elements.clear.addEventListener("click", clear);
  input.addEventListener("change", () => {
    const [photo] = input.files ?? [];
    if (photo) refine(photo);
    input.value = "";
  });
  root.addEventListener("dragover", (event) => event.preventDefault());
  root.addEventListener("drop", (event) => {
    const [photo] = event.dataTransfer?.files ?? [];
    event.preventDefault();
    if (photo) refine(photo);
  });
  return elements;
}

function update({ preview, clear, status }: Elements, state: PhotoBoxRenderState, texts: PhotoBoxTexts): void {
  preview.hidden = !state.preview;
  if (state.preview) preview.src = state.preview;
  clear.hidden = !state.isRefined && state.status === "idle";
  status.textContent = state.status === "working" ? texts.working : state.status === "failed" ? texts.failed : "";
}
