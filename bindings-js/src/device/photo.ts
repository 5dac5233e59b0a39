/** Photos as the browser decodes them: upright, colours as stored, what is transparent laid on white. */
import { ClassifierError } from "./errors.js";
import type { Box, Pixels } from "./resample.js";

/** Decodes a photo and turns it by its EXIF orientation. The caller closes the bitmap. */
export async function decode(photo: Blob): Promise<ImageBitmap> {
  try {
    return await createImageBitmap(photo, {
      imageOrientation: "from-image",
      colorSpaceConversion: "none",
      premultiplyAlpha: "none",
    });
  } catch (cause) {
    throw new ClassifierError("unreadable", "this is no photo that the browser can decode", { cause });
  }
}

/** A part of a decoded photo. */
export function pixels(bitmap: ImageBitmap, part: Box): Pixels {
  const canvas = new OffscreenCanvas(part.width, part.height);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (!context) throw new ClassifierError("failed", "there is no memory for the photo");
  context.fillStyle = "white";
  context.fillRect(0, 0, part.width, part.height);
  context.drawImage(bitmap, -part.left, -part.top);
  return context.getImageData(0, 0, part.width, part.height);
}
