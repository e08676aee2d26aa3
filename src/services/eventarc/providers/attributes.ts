import type { FilteringAttribute } from "./catalog.ts";

/** An attribute to filter by; neither required nor open to path patterns unless it says so. */
export function attribute(
  name: string,
  description: string,
  { required = false, pathPatternSupported = false }: Partial<FilteringAttribute> = {},
): FilteringAttribute {
  return { attribute: name, description, required, pathPatternSupported };
}

/** Data of events in either of the two encodings, JSON unless the trigger says otherwise. */
export const JSON_OR_PROTOBUF = ["application/json", "application/protobuf"] as const;
