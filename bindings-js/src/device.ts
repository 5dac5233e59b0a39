/** Photos classified on the device: the module, its runtime and its model are loaded when they are first needed. */
import type { Classifier, ClassifierOptions } from "./device/classifier.js";
import { predictionRequest } from "./device/request.js";

export type { Classifier, ClassifierOptions } from "./device/classifier.js";
export type { Classification } from "./device/messages.js";
export { predictionRequest, type PredictionRequest } from "./device/request.js";
export { shrink } from "./device/shrink.js";

type Device = typeof import("./device/vitrina.js");

/** The module in the folder `device/`, from the page's own origin. */
const MODULE = "vitrina.js";

/** Loads the classifier from `options.baseUrl`, the folder `device/` beside this module unless given. */
export async function createClassifier(options: ClassifierOptions = {}): Promise<Classifier> {
  const folder = new URL(options.baseUrl ?? new URL("device/", import.meta.url), globalThis.document?.baseURI);
  const device = (await import(/* @vite-ignore */ /* webpackIgnore: true */ new URL(MODULE, folder).href)) as Device;
  return device.createClassifier({ ...options, baseUrl: folder });
}

/** For `photoBox`'s `classify`: loads the classifier with the first photo. */
export function classifyOnDevice(options: ClassifierOptions = {}) {
  let opening: Promise<Classifier> | null = null;
  return async (photo: Blob, { signal }: { signal?: AbortSignal } = {}): Promise<object> => {
    opening ??= createClassifier(options).catch((error) => {
      opening = null;
      throw error;
    });
    const classifier = await opening;
    return predictionRequest(await classifier.classify(photo, signal ? { signal } : {}));
  };
}
