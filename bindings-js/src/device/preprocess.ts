/** From an upright photo to the numbers that the model takes, as `data/models/README.md` defines it. */
import type { Manifest } from "./manifest.js";
import { type Box, type Pixels, reduce, resize } from "./resample.js";

/**
 * A crop is first averaged over squares of whole pixels, so long as this many times the input's side remain: of large photos
 * the filter then costs a fraction, and the embedding stays within what JPEG decoders differ in.
 */
const LEAST_REDUCED = 4;

/** The square in the middle of a photo that the model sees. */
export function cropBox(width: number, height: number, fraction: number): Box {
  const side = Math.max(1, Math.floor(Math.min(width, height) * fraction + 0.5));
  return { left: Math.floor((width - side) / 2), top: Math.floor((height - side) / 2), width: side, height: side };
}

/** The part of a photo that its crop is computed from: the filter reads a little beyond the crop, to the photo's edge. */
export function region(width: number, height: number, crop: Box, target: number): Box {
  const beyond = Math.ceil(3 * Math.max(1, crop.width / target));
  const left = Math.max(0, crop.left - beyond);
  const top = Math.max(0, crop.top - beyond);
  return {
    left,
    top,
    width: Math.min(width, crop.left + crop.width + beyond) - left,
    height: Math.min(height, crop.top + crop.height + beyond) - top,
  };
}

/** The smallest box around all of these. */
export function union(boxes: Box[]): Box {
  const left = Math.min(...boxes.map((box) => box.left));
  const top = Math.min(...boxes.map((box) => box.top));
  const right = Math.max(...boxes.map((box) => box.left + box.width));
  const bottom = Math.max(...boxes.map((box) => box.top + box.height));
  return { left, top, width: right - left, height: bottom - top };
}

/** The planes (NCHW, one photo) of the box of a picture, in the order of colours that the manifest names. */
export function planes(picture: Pixels, box: Box, manifest: Manifest): Float32Array {
  const { width, height, channels } = manifest.input;
  const { filter, scale, mean, std } = manifest.preprocessing;
  const factor = Math.floor(box.width / (LEAST_REDUCED * Math.max(width, height)));
  const [pixels, part] = factor > 1 ? reduced(picture, box, factor) : [picture, box];
  const resized = resize(pixels, part, width, height, filter);
  const plane = width * height;
  const numbers = new Float32Array(3 * plane);
  for (let channel = 0; channel < 3; channel++) {
    const colour = channels === "BGR" ? 2 - channel : channel;
    const table = Float32Array.from({ length: 256 }, (_, value) => (value * scale - mean[channel]) / std[channel]);
    for (let at = 0; at < plane; at++) numbers[channel * plane + at] = table[resized[3 * at + colour]];
  }
  return numbers;
}

/** The picture reduced by a whole factor, and where the box lies in it. */
function reduced(picture: Pixels, box: Box, factor: number): [Pixels, Box] {
  const columns = Math.floor(picture.width / factor);
  const rows = Math.floor(picture.height / factor);
  const [left, top] = [box.left / factor, box.top / factor];
  const width = Math.min(box.width / factor, columns - left);
  const height = Math.min(box.height / factor, rows - top);
  return [reduce(picture, factor, columns, rows), { left, top, width, height }];
}
