/** `<vitrina-search>`: opens the layer from the shop's search box, from a button, and from the page's address. */
import { configure } from "./config.js";
import { h, icon } from "./dom.js";
import { Layer } from "./layer.js";
import { DEPTH, depth, NOTHING, read, type State, write } from "./state.js";
import styles from "./styles.css";

export class VitrinaSearch extends HTMLElement {
  private layer: Layer | null = null;
  private ended: AbortController | null = null;
  /** The address before the layer was opened. */
  private ownHash = "";

  connectedCallback(): void {
    this.ended = new AbortController();
    const { signal } = this.ended;
    const config = configure(this);
    const root = this.shadowRoot ?? this.attachShadow({ mode: "open" });
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(styles);
    root.adoptedStyleSheets = [sheet];
    const layer = new Layer(config, {
      navigate: (state, isNew) => this.navigate(state, isNew),
      closed: () => this.leave(),
    });
    this.layer = layer;
    root.replaceChildren(layer.element);
    if (config.hasButton) {
      const button = h("button", { type: "button", class: "floating", "aria-label": config.texts.open, onclick: () => this.open() }, icon("search"), h("span", {}, config.texts.open));
      root.append(button);
    }
    // A box that a framework draws later, or anew, is found too.
    if (config.input) this.follow(config.input, signal);
    addEventListener("popstate", () => this.restore(), { signal });
    this.restore();
  }

  disconnectedCallback(): void {
    this.ended?.abort();
    this.layer?.destroy();
    this.layer = null;
  }

  /** Opens the layer, with words if there are any. */
  open(query = ""): void {
    const layer = this.layer;
    if (!layer || layer.isOpen) return;
    const state: State = { ...NOTHING, query };
    this.navigate(state, true);
    layer.show(state, true);
    layer.focus();
  }

  close(): void {
    this.layer?.close();
  }

  private follow(selector: string, signal: AbortSignal): void {
    const isBox = (target: EventTarget | null): target is HTMLInputElement =>
      target instanceof HTMLInputElement && target.matches(selector);
    const open = (box: HTMLInputElement) => {
      this.open(box.value);
      box.blur();
      this.layer?.focus();
    };
    addEventListener("input", ({ target }) => isBox(target) && target.value.trim() && open(target), { signal, capture: true });
    const submitted = (event: SubmitEvent) => {
      const box = event.target instanceof HTMLFormElement ? [...event.target.elements].find(isBox) : null;
      if (!box) return;
      event.preventDefault();
      event.stopPropagation();
      open(box as HTMLInputElement);
    };
    addEventListener("submit", submitted, { signal, capture: true });
  }

  /** Shows what the address says. */
  private restore(): void {
    const state = read(location.hash);
    if (state) this.layer?.show(state);
    else this.layer?.hide();
  }

  private navigate(state: State, isNew: boolean): void {
    const isFirst = !location.hash.startsWith("#vitrina=");
    if (isFirst) this.ownHash = location.hash;
    const kept = { ...(history.state as object | null), [DEPTH]: isNew ? depth() + 1 : depth() };
    if (isNew) history.pushState(kept, "", write(state));
    else history.replaceState(kept, "", write(state));
  }

  /** Goes back to the page as it was before the layer was opened. */
  private leave(): void {
    if (!location.hash.startsWith("#vitrina=")) return;
    if (depth() > 0) history.go(-depth());
    else history.replaceState(history.state, "", location.pathname + location.search + this.ownHash);
  }
}
