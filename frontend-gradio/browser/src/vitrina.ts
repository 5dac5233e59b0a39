/**
 * Vitrina's classifier of photos in the browser: no photo leaves the device.
 *
 *     import { createClassifier, predictionRequest } from "./vitrina.js";
 *     const classifier = await createClassifier({ onProgress: ({ loaded, total }) => … });
 *     const recognition = await classifier.classify(file);
 *     await fetch("/search/prediction", { method: "POST", body: JSON.stringify(predictionRequest(recognition)), … });
 */
export { type Classifier, type ClassifierOptions, createClassifier, isSupported } from "./classifier";
export { ClassifierError, type ErrorKind } from "./errors";
export type { Recognition } from "./messages";
export { type PredictionRequest, predictionRequest } from "./request";
export type { LabelScore } from "./scores";
export { shrink } from "./shrink";
