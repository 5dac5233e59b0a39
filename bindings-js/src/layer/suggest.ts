/** What is typed may go on so: a list box under the search box, for pointer, keys and screen readers. */
import type { Suggestions } from "../client/types.js";
import type { Config } from "./config.js";
import { h, icon } from "./dom.js";

type Choice = { query: string } | { category: string };

export class SuggestionList {
  readonly element: HTMLElement;
  private options: HTMLElement[] = [];
  private active = -1;

  constructor(
    private readonly box: HTMLInputElement,
    private readonly config: Config,
    private readonly choose: (choice: Choice) => void,
  ) {
    this.element = h("div", { id: "suggestions", class: "suggestions", role: "listbox", "aria-label": config.texts.suggestions, hidden: true });
    box.addEventListener("keydown", (event) => this.key(event));
  }

  show(found: Suggestions | null, typed: string): void {
    const plain = typed.trim().toLowerCase();
    const queries = (found?.queries ?? []).filter((query) => query.toLowerCase() !== plain);
    const option = (label: string, choice: Choice, kind: "search" | "folder", more?: string) => {
      const at = this.options.length;
      const element = h("div", {
        role: "option", id: `option${at}`, class: "option", "aria-selected": "false",
        // Before the box loses the focus.
        onpointerdown: (event: Event) => event.preventDefault(),
        onclick: () => this.choose(choice),
      }, icon(kind), h("span", {}, ...emphasized(label, plain)), more ? h("small", {}, more) : null);
      this.options.push(element);
      return element;
    };
    const active = this.options[this.active]?.textContent;
    this.options = [];
    this.element.replaceChildren(
      ...queries.map((query) => option(query, { query }, "search")),
      ...(found?.categories ?? []).slice(0, 3).map(({ name }) => option(name, { category: name }, "folder", this.config.texts.inCategory)),
    );
    // What was chosen by keys stays so, if it is still there.
    this.activate(this.options.findIndex((one) => one.textContent === active));
    this.element.hidden = this.options.length === 0;
    this.box.setAttribute("aria-expanded", String(!this.element.hidden));
  }

  hide(): void {
    this.show(null, "");
  }

  private key(event: KeyboardEvent): void {
    if (this.element.hidden || event.isComposing) return;
    const { length } = this.options;
    if (event.key === "ArrowDown") this.activate(this.active + 1 < length ? this.active + 1 : -1);
    else if (event.key === "ArrowUp") this.activate(this.active < 0 ? length - 1 : this.active - 1);
    else if (event.key === "Enter" && this.active >= 0) this.options[this.active]?.click();
    else if (event.key === "Escape" && length) this.hide();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  private activate(at: number): void {
    this.active = at;
    this.options.forEach((option, place) => option.setAttribute("aria-selected", String(place === at)));
    if (at < 0) this.box.removeAttribute("aria-activedescendant");
    else {
      this.box.setAttribute("aria-activedescendant", `option${at}`);
      this.options[at]?.scrollIntoView({ block: "nearest", inline: "nearest" });
    }
  }
}

/** What goes beyond the typed words stands out. */
function emphasized(label: string, typed: string): (Node | string)[] {
  return typed && label.toLowerCase().startsWith(typed) ? [label.slice(0, typed.length), h("b", {}, label.slice(typed.length))] : [label];
}
