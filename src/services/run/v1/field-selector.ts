import { invalidArgument } from "../../../wire/errors.ts";
import type { KnativeMetadata } from "./knative.ts";

/** Whether an object with this metadata is selected. */
export type FieldSelector = (metadata: KnativeMetadata) => boolean;

/** Cloud Run's own, of gcloud's list of multi-region services: no service here is one. */
const MULTI_REGION = "multiRegionOnly";
const FIELDS: Readonly<Record<string, (metadata: KnativeMetadata) => string | undefined>> = {
  "metadata.name": ({ name }) => name,
  "metadata.namespace": ({ namespace }) => namespace,
};

/**
 * Parses a Kubernetes field selector over name and namespace, which every custom resource has: "metadata.name=a", "==",
 * "!=", joined by commas. `namespaces` are the names of the namespace that was asked for: its project's id and number.
 */
export function parseFieldSelector(text: string, namespaces: readonly string[]): FieldSelector {
  const parts = text.split(",").filter((part) => part.trim() !== "");
  const requirements = parts.map((part) => parseRequirement(part, namespaces));
  return (metadata) => requirements.every((selects) => selects(metadata));
}

function parseRequirement(part: string, namespaces: readonly string[]): FieldSelector {
  if (part.trim() === MULTI_REGION) return () => false;
  const [, field = "", operator, value = ""] = /^\s*([^=!]+?)\s*(==|=|!=)\s*(.*?)\s*$/.exec(part) ?? [];
  const read = Object.hasOwn(FIELDS, field) ? FIELDS[field] : undefined;
  if (operator === undefined) throw invalidSelector(`invalid selector: '${part}'; can't understand '${part}'`);
  if (!read) throw invalidSelector(`field label not supported: ${field}`);
  const isSame = (metadata: KnativeMetadata) =>
    field === "metadata.namespace" ? namespaces.includes(value) : read(metadata) === value;
  return (metadata) => isSame(metadata) !== (operator === "!=");
}

function invalidSelector(description: string) {
  return invalidArgument(description, [{ field: "fieldSelector", description }]);
}
