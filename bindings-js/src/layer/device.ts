/** The classifier of the shop's own origin, for photos that are not sent; loaded when it is first needed. */
import { predictionRequest } from "../device/request.js";

type Device = typeof import("../device/vitrina.js");
type Classify = (photo: Blob, signal: AbortSignal) => Promise<object>;

let opening: Promise<Classify> | null = null;
/** Of those who wait, the last one hears how far it is. */
let hear: (share: number) => void = () => {};

/** A function that classifies photos; `onShare` gets how much of model and runtime is there, 0 to 1. */
export function classifier(folder: string, onShare: (share: number) => void): Promise<Classify> {
  hear = onShare;
  opening ??= open(new URL(folder.replace(/\/?$/, "/"), document.baseURI)).catch((error) => {
    opening = null;
    throw error;
  });
  return opening;
}

async function open(baseUrl: URL): Promise<Classify> {
  const { createClassifier } = (await import(new URL("vitrina.js", baseUrl).href)) as Device;
  const opened = await createClassifier({ baseUrl, onProgress: ({ loaded, total }) => hear(total ? loaded / total : 0) });
  return async (photo, signal) => predictionRequest(await opened.classify(photo, { signal }));
}
