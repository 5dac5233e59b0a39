/** From the network's scores to labels, by the server's own rule. */

/** A class of the model, by WordNet id, and how likely it is, 0 to 1. */
export interface LabelScore {
  label: string;
  score: number;
}

/** Labels below this probability are left out, */
const NEGLIGIBLE = 1e-3;
/** but never so many that fewer than these remain. */
const LEAST_LABELS = 5;

/** Probabilities of logits; they sum to one. */
export function softmax(logits: Float32Array): Float32Array {
  const largest = logits.reduce((most, one) => Math.max(most, one), -Infinity);
  const powers = Float64Array.from(logits, (one) => Math.exp(one - largest));
  const sum = powers.reduce((total, one) => total + one, 0);
  return Float32Array.from(powers, (one) => one / sum);
}

/** The likeliest labels, the best first. */
export function likeliest(probabilities: Float32Array, labels: string[]): LabelScore[] {
  const order = Array.from(probabilities.keys()).sort((a, b) => probabilities[b] - probabilities[a]);
  return order
    .filter((label, rank) => rank < LEAST_LABELS || probabilities[label] >= NEGLIGIBLE)
    .map((label) => ({ label: labels[label], score: Math.min(1, probabilities[label]) }));
}
