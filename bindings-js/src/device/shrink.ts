/** A photo made smaller before it is sent, for those that stay with the server. */

/** Twice over what the model needs of the shorter side: a later, larger model still gets its pixels. */
const SHORTER_SIDE = 800;
const QUALITY = 0.9;

/**
 * The photo with its shorter side brought down to `shorterSide` pixels, upright, as JPEG; the photo itself where it is no
 * larger, where that would not make it smaller, or where the browser cannot read it. Place and camera (EXIF) stay behind.
 */
export async function shrink(photo: File, shorterSide = SHORTER_SIDE): Promise<File> {
  try {
    const bitmap = await createImageBitmap(photo, { imageOrientation: "from-image", colorSpaceConversion: "none" });
    try {
      const factor = shorterSide / Math.min(bitmap.width, bitmap.height);
      if (factor >= 1) return photo;
      const smaller = await jpeg(bitmap, factor);
      return smaller.size < photo.size ? new File([smaller], name(photo), { type: smaller.type }) : photo;
    } finally {
      bitmap.close();
    }
  } catch {
    return photo;
  }
}

async function jpeg(bitmap: ImageBitmap, factor: number): Promise<Blob> {
  const canvas = new OffscreenCanvas(Math.round(bitmap.width * factor), Math.round(bitmap.height * factor));
  const context = canvas.getContext("2d");
  if (!context) throw new Error("there is no memory for the photo");
  context.fillStyle = "white";
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.imageSmoothingQuality = "high";
  context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  return canvas.convertToBlob({ type: "image/jpeg", quality: QUALITY });
}

const name = (photo: File) => `${photo.name.replace(/\.\w+$/, "")}.jpg`;
