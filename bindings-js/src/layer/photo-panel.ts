/** Where a photo is taken, chosen, dropped or pasted, and where a part of it is cut out. */
import type { Config } from "./config.js";
import { Cropper, decoded } from "./crop.js";
import { h, icon } from "./dom.js";

export interface PhotoActions {
  /** A photo, or a part of one, is to be searched. */
  search(photo: Blob, onDevice: boolean): void;
  /** The photo is taken away. */
  remove(): void;
}

export class PhotoPanel {
  readonly element: HTMLElement;
  private readonly picker: HTMLElement;
  private readonly editor: HTMLElement;
  private readonly file: HTMLInputElement;
  private readonly camera: HTMLInputElement;
  private readonly device: HTMLInputElement | null;
  private cropper: Cropper | null = null;
  /** Counts the photos that were taken and given up: what a photo brings later than that comes too late. */
  private turn = 0;

  constructor(
    private readonly config: Config,
    private readonly actions: PhotoActions,
  ) {
    const { texts } = config;
    this.file = this.input({});
    this.camera = this.input({ capture: "environment" });
    this.device = config.device ? h("input", { type: "checkbox", "data-key": "device" }) : null;
    // A camera in the hand, and no mouse: a phone or a tablet.
    const isHandheld = matchMedia("(pointer: coarse)").matches;
    const take = h("button", { type: "button", class: "primary", onclick: () => this.camera.click() }, icon("camera"), texts.takePhoto);
    const choose = h("button", { type: "button", class: isHandheld ? "secondary" : "primary", onclick: () => this.file.click() }, icon("image"), texts.choosePhoto);
    this.picker = h("div", { class: "drop" },
      icon("camera"), h("h2", {}, texts.photoTitle), h("p", {}, texts.photoHint),
      h("div", { class: "row" }, isHandheld && take, choose),
      this.device && h("label", { class: "choice device" }, this.device, h("span", {}, texts.onDevice)));
    this.editor = h("div", { class: "editor", hidden: true });
    this.element = h("section", { class: "photo", hidden: true, "aria-label": texts.photoTitle }, this.picker, this.editor, this.file, this.camera);
  }

  get isOpen(): boolean {
    return !this.element.hidden;
  }

  /** Shows the place to choose a photo. */
  open(): void {
    this.element.hidden = false;
    this.picker.hidden = false;
    this.editor.hidden = true;
  }

  /** Shows that the results are of a photo which this page no longer has, unless it has it. */
  openKnown(): void {
    this.element.hidden = false;
    if (this.cropper) return;
    this.picker.hidden = true;
    this.editor.hidden = false;
    this.editor.replaceChildren(h("div", { class: "lost" }, icon("image"), this.config.texts.yourPhoto), this.buttons());
  }

  close(): void {
    this.element.hidden = true;
    this.forget();
  }

  focus(): void {
    this.picker.querySelector<HTMLElement>("button")?.focus();
  }

  /** Takes a photo that was chosen, dropped or pasted, and has it searched. */
  async take(photo: Blob): Promise<void> {
    this.forget();
    const { turn } = this;
    this.element.hidden = false;
    const onDevice = this.device?.checked ?? false;
    this.actions.search(photo, onDevice);
    const bitmap = await decoded(photo);
    if (!bitmap) return;
    if (turn !== this.turn) return bitmap.close();
    this.cropper = new Cropper(bitmap, this.config.texts, async (part) => {
      const cut = await part;
      if (turn === this.turn) this.actions.search(cut, onDevice);
    });
    this.picker.hidden = true;
    this.editor.hidden = false;
    this.editor.replaceChildren(this.cropper.element, this.buttons());
  }

  private buttons(): HTMLElement {
    const { texts } = this.config;
    return h("div", { class: "row" },
      h("button", { type: "button", class: "secondary", onclick: () => this.file.click() }, texts.otherPhoto),
      h("button", { type: "button", class: "secondary", onclick: () => this.actions.remove() }, texts.removePhoto));
  }

  private forget(): void {
    this.turn++;
    this.cropper?.close();
    this.cropper = null;
  }

  private input(more: Record<string, string>): HTMLInputElement {
    const input: HTMLInputElement = h("input", {
      type: "file",
      accept: "image/*",
      hidden: true,
      tabindex: -1,
      "aria-hidden": "true",
      ...more,
      onchange: () => {
        const [photo] = input.files ?? [];
        if (photo) void this.take(photo);
        input.value = "";
      },
    });
    return input;
  }
}
