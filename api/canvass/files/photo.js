// A photo is drawn anew, small, so that neither place nor time nor camera stays in it.
import { toBase64 } from "/canvass/sealing.js";

const MOST_SIDE = 1280;
const MOST_BYTES = 340000;
const QUALITIES = [0.8, 0.65, 0.5, 0.35];

export async function shrink(file, canvas) {
  const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
  let scale = Math.min(1, MOST_SIDE / Math.max(picture.width, picture.height));
  try {
    for (let tries = 0; tries < 4; tries += 1, scale *= 0.7) {
      canvas.width = Math.max(1, Math.round(picture.width * scale));
      canvas.height = Math.max(1, Math.round(picture.height * scale));
      canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
      for (const quality of QUALITIES) {
        const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", quality));
        if (blob && blob.size <= MOST_BYTES) return toBase64(new Uint8Array(await blob.arrayBuffer()));
      }
    }
  } finally {
    picture.close();
  }
  throw new Error("too large");
}
