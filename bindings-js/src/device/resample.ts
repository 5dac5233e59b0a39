/**
 * Resizing as Pillow does it, to the bit, like `adapters/onnx/src/resample.rs`: weights of 22 bits, across first and then
 * down, 8 bits between the two. The filter grows with the reduction, which is what antialiasing means here.
 */

/** Pixels as a canvas gives them, four bytes each; the fourth is not read. */
export interface Pixels {
  data: Uint8ClampedArray;
  width: number;
  height: number;
}

/** A box of a picture, in pixels that need not be whole. */
export interface Box {
  left: number;
  top: number;
  width: number;
  height: number;
}

export type Filter = "bicubic_antialias" | "bilinear_antialias";

/** The fraction bits of a weight: a product with 8 bits, summed with negative lobes, fits 32. */
const PRECISION = 22;
const HALF = 1 << (PRECISION - 1);

const SUPPORT: Record<Filter, number> = { bicubic_antialias: 2, bilinear_antialias: 1 };

/** Keys, "Cubic convolution interpolation for digital image processing" (1981), with a = -0.5; or the triangle. */
function weight(filter: Filter, at: number): number {
  const x = Math.abs(at);
  if (filter === "bilinear_antialias") return x < 1 ? 1 - x : 0;
  if (x < 1) return (1.5 * x - 2.5) * x * x + 1;
  return x < 2 ? (((x - 5) * x + 8) * x - 4) * -0.5 : 0;
}

/** For each pixel of a resized line the first pixel that makes it, and the weights from there on. */
interface Taps {
  first: Int32Array;
  weights: Int32Array[];
}

function taps(whole: number, from: number, length: number, target: number, filter: Filter): Taps {
  // Pillow takes a box in single precision.
  const start = Math.fround(from);
  const scale = (Math.fround(from + length) - start) / target;
  const filterScale = Math.max(scale, 1);
  const reach = SUPPORT[filter] * filterScale;
  const first = new Int32Array(target);
  const weights: Int32Array[] = [];
  for (let at = 0; at < target; at++) {
    const centre = start + (at + 0.5) * scale;
    first[at] = Math.trunc(Math.max(centre - reach + 0.5, 0));
    const last = Math.min(Math.trunc(centre + reach + 0.5), whole);
    const line = new Float64Array(last - first[at]);
    for (let x = 0; x < line.length; x++) line[x] = weight(filter, (x + first[at] - centre + 0.5) / filterScale);
    const sum = line.reduce((total, one) => total + one, 0);
    weights.push(Int32Array.from(line, (one) => Math.sign(one) * Math.round((Math.abs(one) / sum) * (1 << PRECISION))));
  }
  return { first, weights };
}

/** Brings the box of a picture to `width` x `height`; the result has three bytes a pixel. */
export function resize(picture: Pixels, box: Box, width: number, height: number, filter: Filter): Uint8ClampedArray {
  const across = taps(picture.width, box.left, box.width, width, filter);
  const down = taps(picture.height, box.top, box.height, height, filter);
  const top = down.first[0];
  const bottom = down.first[height - 1] + down.weights[height - 1].length;
  const half = new Uint8ClampedArray(3 * width * (bottom - top));
  for (let y = top; y < bottom; y++) resizeRow(picture, y, across, half.subarray(3 * width * (y - top)));
  const result = new Uint8ClampedArray(3 * width * height);
  for (let y = 0; y < height; y++) {
    const rows = half.subarray(3 * width * (down.first[y] - top));
    sumRows(rows, down.weights[y], 3 * width, result.subarray(3 * width * y));
  }
  return result;
}

function resizeRow({ data, width }: Pixels, y: number, { first, weights }: Taps, target: Uint8ClampedArray): void {
  for (let at = 0; at < first.length; at++) {
    const line = weights[at];
    let [red, green, blue] = [HALF, HALF, HALF];
    let from = 4 * (y * width + first[at]);
    for (let x = 0; x < line.length; x++, from += 4) {
      const part = line[x];
      red = (red + Math.imul(data[from], part)) | 0;
      green = (green + Math.imul(data[from + 1], part)) | 0;
      blue = (blue + Math.imul(data[from + 2], part)) | 0;
    }
    // A clamped array takes what is below 0 or above 255 for the nearer of the two.
    target[3 * at] = red >> PRECISION;
    target[3 * at + 1] = green >> PRECISION;
    target[3 * at + 2] = blue >> PRECISION;
  }
}

function sumRows(rows: Uint8ClampedArray, weights: Int32Array, length: number, target: Uint8ClampedArray): void {
  for (let x = 0; x < length; x++) {
    let sum = HALF;
    for (let y = 0, at = x; y < weights.length; y++, at += length) sum = (sum + Math.imul(rows[at], weights[y])) | 0;
    target[x] = sum >> PRECISION;
  }
}

/** The picture with each square of `factor` by `factor` pixels averaged into one; what is left over at the edges goes. */
export function reduce({ data, width }: Pixels, factor: number, columns: number, rows: number): Pixels {
  const reduced = new Uint8ClampedArray(4 * columns * rows);
  const area = factor * factor;
  for (let y = 0; y < rows; y++) {
    for (let x = 0; x < columns; x++) {
      let [red, green, blue] = [area >> 1, area >> 1, area >> 1];
      for (let dy = 0; dy < factor; dy++) {
        let from = 4 * ((y * factor + dy) * width + x * factor);
        for (let dx = 0; dx < factor; dx++, from += 4) {
          red += data[from];
          green += data[from + 1];
          blue += data[from + 2];
        }
      }
      const to = 4 * (y * columns + x);
      reduced[to] = (red / area) | 0;
      reduced[to + 1] = (green / area) | 0;
      reduced[to + 2] = (blue / area) | 0;
    }
  }
  return { data: reduced, width: columns, height: rows };
}
