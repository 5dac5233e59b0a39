/** The layer: a modal dialog with the search box, filters and results of one state. */
import type { Product } from "../client/types.js";
import { type AnswerView, counted, empty, heading, nothing, notes } from "./answer.js";
import { card, skeletons } from "./card.js";
import type { Config } from "./config.js";
import { classifier } from "./device.js";
import { h, icon, replace } from "./dom.js";
import { filters } from "./filters.js";
import { PhotoPanel } from "./photo-panel.js";
import { productSheet } from "./product.js";
import { explain, type Results, Searches } from "./search.js";
import { depth, filterCount, NOTHING, type State, unfiltered } from "./state.js";
import { SuggestionList } from "./suggest.js";
import { fill } from "./texts.js";

export interface LayerActions {
  /** The state has changed; `isNew` for one that "back" leads away from. */
  navigate(state: State, isNew: boolean): void;
  /** The customer has closed the layer. */
  closed(): void;
}

/** Milliseconds without a keystroke before it is searched. */
const PATIENCE = 130;
const PLACES = 12;

export class Layer {
  readonly element: HTMLDialogElement;
  private readonly box: HTMLInputElement;
  private readonly clear: HTMLElement;
  private readonly list: SuggestionList;
  private readonly photo: PhotoPanel;
  private readonly aside: HTMLElement;
  private readonly main: HTMLElement;
  private readonly body: HTMLElement;
  private readonly status: HTMLElement;
  private readonly searches: Searches;
  private readonly expanded = new Set<string>();
  private state: State = NOTHING;
  private results: Results | null = null;
  private timer = 0;
  /** The entry of the history that typing replaces. */
  private isTyping = false;
  private upload: AbortController | null = null;

  constructor(
    private readonly config: Config,
    private readonly actions: LayerActions,
  ) {
    const { texts } = config;
    this.searches = new Searches(config.client);
    this.box = h("input", {
      type: "search", class: "query", role: "combobox", enterkeyhint: "search", autocomplete: "off", autocapitalize: "off", spellcheck: "false",
      "aria-label": texts.placeholder, "aria-controls": "suggestions", "aria-expanded": "false", "aria-autocomplete": "list",
      placeholder: texts.placeholder, maxlength: 300,
      oninput: () => this.typed(),
    });
    this.list = new SuggestionList(this.box, config, (choice) => this.chosen(choice));
    this.clear = h("button", { type: "button", class: "tool", "aria-label": texts.clear, hidden: true, onclick: () => this.cleared() }, icon("close"));
    this.photo = new PhotoPanel(config, {
      search: (photo, onDevice) => void this.searchPhoto(photo, onDevice),
      remove: () => this.change({ photo: null }),
    });
    this.aside = h("aside", { class: "aside", "aria-label": texts.filters });
    this.main = h("main", { class: "main" });
    this.status = h("p", { class: "hidden", role: "status" });
    const camera = h("button", { type: "button", class: "tool camera", "aria-label": texts.camera, title: texts.camera, onclick: () => this.togglePhoto() }, icon("camera"));
    const close = h("button", { type: "button", class: "tool close", "aria-label": texts.close, onclick: () => this.close() }, icon("close"));
    const form = h("form", { class: "search", role: "search", onsubmit: (event: Event) => { event.preventDefault(); this.submitted(); } },
      icon("search"), this.box, this.clear, camera);
    this.body = h("div", { class: "body" }, this.photo.element, h("div", { class: "columns" }, this.aside, this.main));
    this.element = h("dialog", {
      class: "layer", "aria-label": texts.label, lang: config.language,
      // Before a search box makes "clear the text" of it.
      onkeydown: (event: KeyboardEvent) => {
        if (event.key !== "Escape" || event.isComposing) return;
        event.preventDefault();
        this.escaped();
      },
      oncancel: (event: Event) => { event.preventDefault(); this.escaped(); },
      onclick: (event: Event) => event.target === this.element && this.close(),
      ondragover: (event: DragEvent) => event.preventDefault(),
      ondrop: (event: DragEvent) => this.dropped(event, event.dataTransfer),
      onpaste: (event: ClipboardEvent) => this.dropped(event, event.clipboardData),
    }, h("div", { class: "sheet" }, h("header", { class: "head" }, form, close), this.list.element, this.body, this.status));
  }

  get isOpen(): boolean {
    return this.element.open;
  }

  /** Shows a state, whose address the page has already; `isTyping` where the customer goes on typing. */
  show(state: State, isTyping = false): void {
    this.isTyping = isTyping;
    const isSame = this.isOpen && JSON.stringify(state) === JSON.stringify(this.state);
    if (!this.isOpen) {
      this.element.showModal();
      this.results = null;
    }
    if (isSame && this.results) return;
    this.stopUpload();
    if (state.photo !== this.state.photo) this.searches.prediction = null;
    this.adopt(state);
    void this.search();
  }

  hide(): void {
    if (!this.isOpen) return;
    clearTimeout(this.timer);
    this.searches.stop();
    this.stopUpload();
    this.photo.close();
    this.list.hide();
    this.element.close();
    this.state = NOTHING;
    this.isTyping = false;
  }

  close(): void {
    this.hide();
    this.actions.closed();
  }

  destroy(): void {
    this.hide();
  }

  focus(): void {
    this.box.focus();
    this.box.setSelectionRange(this.box.value.length, this.box.value.length);
  }

  /** Changes a part of the state, which makes a new entry in the history, and searches. */
  private change(part: Partial<State>): void {
    const state = { ...this.state, pages: 1, ...part };
    this.stopUpload();
    this.isTyping = false;
    this.actions.navigate(state, true);
    this.adopt(state);
    this.list.hide();
    this.body.scrollTop = 0;
    void this.search();
  }

  private adopt(state: State): void {
    this.state = state;
    if (this.box.value.trim() !== state.query) this.box.value = state.query;
    this.clear.hidden = !this.box.value;
    if (state.photo) this.photo.openKnown();
    else this.photo.close();
  }

  /** A photo on its way is given up: the customer wants something else by now. */
  private stopUpload(): void {
    this.upload?.abort();
    this.upload = null;
  }

  private typed(): void {
    clearTimeout(this.timer);
    this.clear.hidden = !this.box.value;
    this.timer = setTimeout(() => this.searchTyped(), PATIENCE) as unknown as number;
  }

  private searchTyped(): void {
    const query = this.box.value.trim();
    if (query === this.state.query) return;
    // Other words are another search; a photo stays, and so is what is said about it.
    const state = { ...NOTHING, query, sort: this.state.sort, photo: this.state.photo };
    this.stopUpload();
    this.actions.navigate(state, !this.isTyping && this.state.query !== "");
    this.isTyping = true;
    this.adopt(state);
    void this.search();
    if (query) void this.searches.suggestions(query).then((found) => found && this.isTyping && this.list.show(found, query));
    else this.list.hide();
  }

  private submitted(): void {
    clearTimeout(this.timer);
    this.searchTyped();
    this.isTyping = false;
    this.list.hide();
    // On a phone the keyboard goes, and the results are there.
    if (matchMedia("(pointer: coarse)").matches) this.box.blur();
  }

  private chosen(choice: { query: string } | { category: string }): void {
    this.change("query" in choice ? { ...NOTHING, query: choice.query } : { ...NOTHING, categories: [choice.category] });
  }

  private cleared(): void {
    this.box.value = "";
    this.box.focus();
    this.change({ ...NOTHING, photo: this.state.photo });
  }

  private escaped(): void {
    if (this.element.classList.contains("filtering")) this.sheet(false);
    else if (this.photo.isOpen && !this.state.photo) this.togglePhoto();
    else this.close();
  }

  private togglePhoto(): void {
    if (this.photo.isOpen && !this.state.photo) {
      const isUploading = this.upload !== null;
      this.stopUpload();
      this.photo.close();
      if (isUploading) void this.search();
    } else {
      this.photo.open();
      this.body.scrollTop = 0;
      this.photo.focus();
    }
    this.list.hide();
  }

  private dropped(event: Event, data: DataTransfer | null): void {
    const photo = [...(data?.files ?? [])].find(({ type }) => type.startsWith("image/"));
    if (!photo) return;
    event.preventDefault();
    void this.photo.take(photo);
  }

  private async searchPhoto(photo: Blob, onDevice: boolean): Promise<void> {
    const { texts, client, device } = this.config;
    clearTimeout(this.timer);
    this.stopUpload();
    const { signal } = (this.upload = new AbortController());
    this.searches.stop();
    this.list.hide();
    const tell = (doing: string) => !signal.aborted && this.waiting(doing);
    tell(texts.preparing);
    try {
      let id: string;
      let prediction: object | null = null;
      if (onDevice && device) {
        const classify = await classifier(device, (share) => tell(fill(texts.loadingModel, { n: Math.round(100 * share) })));
        tell(texts.started);
        prediction = await classify(photo, signal);
        id = `device-${Date.now()}`;
      } else {
        id = await client.uploadPhoto(photo, { signal, onProgress: (stage) => tell(texts[stage]) });
      }
      if (signal.aborted) return;
      this.searches.prediction = prediction;
      const state = { ...NOTHING, photo: id };
      // Another part of the same photo takes the place of the part before.
      this.actions.navigate(state, !this.state.photo);
      this.box.value = "";
      this.adopt(state);
      await this.search(texts.started);
    } catch (error) {
      if (!signal.aborted) this.failed(error, () => void this.searchPhoto(photo, onDevice));
    } finally {
      if (this.upload?.signal === signal) this.upload = null;
    }
  }

  private async search(doing = this.config.texts.searching): Promise<void> {
    const { state } = this;
    if (state.photo?.startsWith("device-") && !this.searches.prediction) {
      this.failed(null, null, this.config.texts.expired);
      return;
    }
    const slow = setTimeout(() => this.waiting(doing), this.results ? 250 : 0);
    try {
      const results = await this.searches.results(state);
      if (!results) return;
      this.results = results;
      clearTimeout(slow);
      this.draw();
    } catch (error) {
      clearTimeout(slow);
      this.failed(error, () => void this.search());
    } finally {
      clearTimeout(slow);
    }
  }

  private async more(): Promise<void> {
    const { state, results } = this;
    if (!results?.next) return;
    try {
      const next = await this.searches.more(state, results.next);
      if (!next || this.results !== results) return;
      const first = results.products.length;
      this.results = { ...results, next: next.next, products: [...results.products, ...next.products] };
      this.state = { ...state, pages: state.pages + 1 };
      this.actions.navigate(this.state, false);
      this.draw();
      this.main.querySelectorAll<HTMLElement>(".card a, .card button")[0]?.blur();
      this.main.querySelectorAll<HTMLElement>(".card")[first]?.querySelector<HTMLElement>("a, button")?.focus({ preventScroll: true });
    } catch (error) {
      this.failed(error, () => void this.more());
    }
  }

  /** Shows that something is on its way. Results that are there stay, dimmed. */
  private waiting(doing: string): void {
    this.element.setAttribute("aria-busy", "true");
    this.say(doing);
    const isPhoto = this.upload !== null || this.state.photo !== null;
    if (this.results && !isPhoto) return;
    this.element.classList.remove("filtering");
    replace(this.main, h("p", { class: "doing" }, h("span", { class: "spinner" }), doing), h("ul", { class: "grid" }, skeletons(PLACES)));
  }

  private failed(error: unknown, retry: (() => void) | null, text = this.config.texts[explain(error)]): void {
    const { texts } = this.config;
    this.element.removeAttribute("aria-busy");
    this.say(text);
    this.results = null;
    replace(this.aside);
    replace(this.main, h("div", { class: "empty" }, h("p", { class: "lead" }, text),
      retry && h("button", { type: "button", class: "primary", "data-key": "retry", onclick: retry }, texts.retry)));
  }

  private say(text: string): void {
    if (this.status.textContent !== text) this.status.textContent = text;
  }

  private draw(): void {
    const { results, state, config } = this;
    if (!results) return;
    const { texts } = config;
    this.element.removeAttribute("aria-busy");
    const change = (part: Partial<State>) => this.change(part);
    const view: AnswerView = { config, state, results, change, openFilters: () => this.sheet(true) };
    const groups = filters({ state, facets: results.facets, expanded: this.expanded, change, redraw: () => this.draw() }, config).filter(Boolean);
    const number = counted(results, config);
    const done = h("button", { type: "button", class: "primary done", "data-key": "done", onclick: () => this.sheet(false) }, fill(texts.showResults, { n: number }));
    const clear = filterCount(state) > 0 && h("button", { type: "button", class: "more", "data-key": "unfilter", onclick: () => this.change(unfiltered(state)) }, texts.clearFilters);
    const head = h("div", { class: "sheet-head" }, h("h2", {}, texts.filters), clear,
      h("button", { type: "button", class: "tool", "aria-label": texts.close, onclick: () => this.sheet(false) }, icon("close")));
    replace(this.aside, groups.length ? [head, h("div", { class: "groups" }, groups), h("div", { class: "sheet-foot" }, done)] : []);
    this.element.classList.toggle("plain", groups.length === 0);
    const { subject } = results;
    const opened = (product: Product, position: number) =>
      void config.client.sendEvents([{ action_name: "click", object_id: String(product.id), ...(position && { position }) }]);
    const cards = { opened, look: (product: Product) => this.change({ ...NOTHING, similar: String(product.id), variant: product.matched_variant?.key ?? null }) };
    const listed = results.products.map((product, at) => card(product, at + 1, config, cards));
    replace(
      this.main,
      subject && [
        h("button", { type: "button", class: "secondary leave", "data-key": "back", onclick: () => this.back() }, icon("back"), texts.back),
        productSheet(subject, config, () => opened(subject, 0), state.variant),
      ],
      (!subject || listed.length > 0) && heading(view, groups.length > 0),
      notes(view),
      listed.length > 0 ? h("ul", { class: "grid" }, listed) : !subject && empty(view),
      results.next &&
        h("button", { type: "button", class: "secondary load", "data-key": "load", onclick: () => void this.more() }, texts.loadMore),
    );
    this.say(subject ? subject.name : listed.length ? number : nothing(view));
  }

  /** From a product back to the results that led there; to what is new where an address led there. */
  private back(): void {
    if (depth() > 0) history.back();
    else this.change(NOTHING);
  }

  /** On a phone the filters are a sheet over the results. */
  private sheet(isOpen: boolean): void {
    this.element.classList.toggle("filtering", isOpen);
    const button = this.main.querySelector<HTMLElement>(".open-filters");
    button?.setAttribute("aria-expanded", String(isOpen));
    if (isOpen) this.aside.querySelector<HTMLElement>(".done")?.focus({ preventScroll: true });
    else button?.focus({ preventScroll: true });
  }
}
