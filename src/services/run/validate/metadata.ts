import type { Violation } from "./violations.ts";

/** Namespaces of system labels and annotations, which v2 has fields for. Google: service.proto, Service.labels. */
const SYSTEM_NAMESPACE =
  /^(?:[a-z0-9-]+\.)*(run\.googleapis\.com|cloud\.googleapis\.com|serving\.knative\.dev|autoscaling\.knative\.dev)\//;
/** Kubernetes: an optional DNS name and a slash, then letters, digits, "-", "_" and ".". */
const KEY = /^(?:[a-z0-9](?:[-a-z0-9.]{0,251}[a-z0-9])?\/)?[\p{Ll}\p{Lo}\p{N}A-Za-z_.-]{1,63}$/u;
const LABEL_VALUE = /^[\p{Ll}\p{Lo}\p{N}A-Za-z_.-]{0,63}$/u;
const MAX_LABELS = 64;
/** Kubernetes: of all annotations with their keys. */
const MAX_ANNOTATION_BYTES = 256 * 1024;

interface Metadata {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

/** Faults of labels and annotations; `prefix` is the path in front of "labels", "" or "template.". */
export function metadataViolations(prefix: string, { labels, annotations }: Metadata): Violation[] {
  return [
    ...keyViolations(`${prefix}labels`, "label", labels),
    ...keyViolations(`${prefix}annotations`, "annotation", annotations),
    ...Object.entries(labels)
      .filter(([, value]) => !LABEL_VALUE.test(value))
      .map(([key, value]) => ({
        field: `${prefix}labels`,
        description: `Invalid label value '${value}' of '${key}': only letters, digits, '-', '_' and '.' are allowed, at most 63 characters.`,
      })),
    ...sizeViolations(`${prefix}annotations`, annotations),
    ...(Object.keys(labels).length > MAX_LABELS
      ? [{ field: `${prefix}labels`, description: `At most ${MAX_LABELS} labels are allowed.` }]
      : []),
  ];
}

/** Whether a key belongs to one of the namespaces that v2 reserves. */
export function isSystemKey(key: string): boolean {
  return SYSTEM_NAMESPACE.test(key);
}

function* sizeViolations(field: string, annotations: Readonly<Record<string, string>>): Iterable<Violation> {
  const bytes = Object.entries(annotations).reduce((sum, entry) => sum + Buffer.byteLength(entry.join("")), 0);
  if (bytes <= MAX_ANNOTATION_BYTES) return;
  yield { field, description: `Too long: must have at most ${MAX_ANNOTATION_BYTES} bytes.` };
}

function* keyViolations(field: string, kind: string, map: Readonly<Record<string, string>>): Iterable<Violation> {
  for (const key of Object.keys(map)) {
    if (isSystemKey(key)) {
      const description = `System ${kind} '${key}' is not supported in this version of the API: use the field that stands for it.`;
      yield { field, description };
    } else if (!KEY.test(key)) {
      yield { field, description: `Invalid ${kind} key '${key}'.` };
    }
  }
}
