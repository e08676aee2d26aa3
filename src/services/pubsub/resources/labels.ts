import { invalidField } from "./errors.ts";
import { MAX_LABELS } from "./limits.ts";

const KEY = /^[\p{Ll}\p{Lo}][\p{Ll}\p{Lo}\p{N}_-]{0,62}$/u;
const VALUE = /^[\p{Ll}\p{Lo}\p{N}_-]{0,63}$/u;

/** Rejects labels out of form. Google: cloud.google.com/pubsub/docs/create-topic-label. */
export function checkLabels(field: string, labels: Readonly<Record<string, string>>): void {
  const entries = Object.entries(labels);
  if (entries.length > MAX_LABELS) throw invalidField(field, `A resource has at most ${MAX_LABELS} labels.`);
  for (const [key, value] of entries) {
    if (!KEY.test(key)) throw invalidField(field, `Invalid label key: ${key}`);
    if (!VALUE.test(value)) throw invalidField(field, `Invalid value of label ${key}: ${value}`);
  }
}
