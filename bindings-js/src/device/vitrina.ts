/**
 * Vitrina's classifier of photos in the browser: no photo leaves the device.
 *
 *     import { createClassifier, predictionRequest } from "./vitrina.js";
 *     const classifier = await createClassifier({ onProgress: ({ loaded, total }) => … });
 *     const recognition = await classifier.classify(file);
 *     await fetch("/search/prediction", { method: "POST", body: JSON.stringify(predictionRequest(recognition)), … });
 */
export { type Classifier, type ClassifierOptions, createClassifier, isSupported } from "./classifier.js";
export { ClassifierError, type ErrorKind } from "./errors.js";
export type { Classification } from "./messages.js";
export { type PredictionRequest, predictionRequest } from "./request.js";
export type { LabelScore } from "./scores.js";
export { shrink } from "./shrink.js";
