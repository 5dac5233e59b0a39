/** A photo with a box over what is looked for: moved and resized by pointer or keys. */
import { h } from "./dom.js";
import type { Texts } from "./texts.js";

/** A part of a photo, in fractions of its sides. */
interface Box {
  left: number;
  top: number;
  width: number;
  height: number;
}

const WHOLE: Box = { left: 0, top: 0, width: 1, height: 1 };
/** The least side of the box, in fractions. */
const LEAST = 0.12;
/** How far a key moves the box. */
const STEP = 0.04;
/** The longer side that photos are shown with, in pixels. */
const SHOWN = 640;
const QUALITY = 0.92;

type Corner = "nw" | "ne" | "sw" | "se";
const CORNERS: Corner[] = ["nw", "ne", "sw", "se"];

/** The editor of one photo. `onCrop` gets the chosen part once the customer lets go of the box. */
export class Cropper {
  readonly element: HTMLElement;
  private readonly box: HTMLElement;
  private readonly area: HTMLElement;
  private readonly canvas: HTMLCanvasElement;
  private at: Box = { ...WHOLE };
  private timer = 0;

  constructor(
    private readonly bitmap: ImageBitmap,
    texts: Texts,
    private readonly onCrop: (part: Promise<Blob>) => void,
  ) {
    const scale = Math.min(1, SHOWN / Math.max(bitmap.width, bitmap.height));
    this.canvas = h("canvas", {
      width: Math.round(bitmap.width * scale),
      height: Math.round(bitmap.height * scale),
      role: "img",
      "aria-label": texts.yourPhoto,
    });
    this.canvas.getContext("2d")?.drawImage(bitmap, 0, 0, this.canvas.width, this.canvas.height);
    const corner = (name: Corner) =>
      h("button", {
        type: "button",
        class: `corner ${name}`,
        "aria-label": texts.cropCorner,
        onpointerdown: (event: PointerEvent) => this.drag(event, name),
        onkeydown: (event: KeyboardEvent) => this.key(event, name),
      });
    const move = h("button", {
      type: "button",
      class: "move",
      "aria-label": texts.cropMove,
      onpointerdown: (event: PointerEvent) => this.drag(event, null),
      onkeydown: (event: KeyboardEvent) => this.key(event, null),
    });
    this.box = h("div", { class: "box" }, move, CORNERS.map(corner));
    this.area = h("div", { class: "crop" }, this.canvas, this.box);
    this.element = h("figure", { class: "cropper" }, this.area, h("figcaption", {}, texts.crop));
    this.place();
  }

  close(): void {
    clearTimeout(this.timer);
    this.bitmap.close();
  }

  private drag(event: PointerEvent, corner: Corner | null): void {
    event.preventDefault();
    const target = event.currentTarget as HTMLElement;
    target.focus();
    target.setPointerCapture(event.pointerId);
    const { width, height } = this.area.getBoundingClientRect();
    const [x, y, begin] = [event.clientX, event.clientY, { ...this.at }];
    const moved = (now: PointerEvent) => {
      this.change(begin, corner, (now.clientX - x) / width, (now.clientY - y) / height);
    };
    const end = () => {
      target.removeEventListener("pointermove", moved);
      target.removeEventListener("pointerup", end);
      target.removeEventListener("pointercancel", end);
      this.cut(0);
    };
    target.addEventListener("pointermove", moved);
    target.addEventListener("pointerup", end);
    target.addEventListener("pointercancel", end);
  }

  private key(event: KeyboardEvent, corner: Corner | null): void {
    const steps: Record<string, [number, number]> = {
      ArrowLeft: [-STEP, 0],
      ArrowRight: [STEP, 0],
      ArrowUp: [0, -STEP],
      ArrowDown: [0, STEP],
    };
    const step = steps[event.key];
    if (!step) return;
    event.preventDefault();
    this.change({ ...this.at }, corner, ...step);
    this.cut(600);
  }

  private change(from: Box, corner: Corner | null, dx: number, dy: number): void {
    const between = (value: number, least: number, most: number) => Math.min(most, Math.max(least, value));
    if (!corner) {
      this.at.left = between(from.left + dx, 0, 1 - from.width);
      this.at.top = between(from.top + dy, 0, 1 - from.height);
    } else {
      const [right, bottom] = [from.left + from.width, from.top + from.height];
      if (corner.endsWith("w")) {
        this.at.left = between(from.left + dx, 0, right - LEAST);
        this.at.width = right - this.at.left;
      } else this.at.width = between(from.width + dx, LEAST, 1 - from.left);
      if (corner.startsWith("n")) {
        this.at.top = between(from.top + dy, 0, bottom - LEAST);
        this.at.height = bottom - this.at.top;
      } else this.at.height = between(from.height + dy, LEAST, 1 - from.top);
    }
    this.place();
  }

  /** Where the box is: by the object model, which a strict CSP allows. */
  private place(): void {
    const percent = (value: number) => `${100 * value}%`;
    Object.assign(this.box.style, {
      left: percent(this.at.left),
      top: percent(this.at.top),
      width: percent(this.at.width),
      height: percent(this.at.height),
    });
  }

  /** Gives the chosen part out after a moment without changes. */
  private cut(patience: number): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.onCrop(this.part()), patience) as unknown as number;
  }

  private part(): Promise<Blob> {
    const { width, height } = this.bitmap;
    const source = [this.at.left * width, this.at.top * height, this.at.width * width, this.at.height * height] as const;
    const canvas = h("canvas", { width: Math.max(1, Math.round(source[2])), height: Math.max(1, Math.round(source[3])) });
    const context = canvas.getContext("2d");
    if (context) {
      context.fillStyle = "white";
      context.fillRect(0, 0, canvas.width, canvas.height);
      context.drawImage(this.bitmap, ...source, 0, 0, canvas.width, canvas.height);
    }
    return new Promise((resolve, reject) => {
      const done = (blob: Blob | null) => (blob ? resolve(blob) : reject(new Error("the part could not be encoded")));
      canvas.toBlob(done, "image/jpeg", QUALITY);
    });
  }
}

/** The photo of a file, upright; null where this browser cannot decode it. */
export function decoded(photo: Blob): Promise<ImageBitmap | null> {
  return createImageBitmap(photo, { imageOrientation: "from-image" }).catch(() => null);
}
