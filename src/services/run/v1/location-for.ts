import { invalidArgument, unsupportedField } from "../../../wire/errors.ts";
import { assertLocation } from "../v2/locations.ts";
import type { KnativeMetadata } from "./knative.ts";
import type { V1Request } from "./request.ts";
import { LOCATION_LABEL } from "./service.ts";

const REGIONS = "run.googleapis.com/regions";

/**
 * The region of a new object: the host's; on the global host its label's. INVALID_ARGUMENT when they do not tell one, or
 * tell several.
 */
export function locationFor(at: V1Request, { labels, annotations }: KnativeMetadata): string {
  if (annotations?.[REGIONS]) throw unsupportedField(`metadata.annotations[${REGIONS}]`);
  const label = labels?.[LOCATION_LABEL];
  const location = at.location === "-" ? label : at.location;
  if (location === undefined || (label ?? location) !== location) {
    const description = `A region is needed: use a regional endpoint such as https://us-central1-run.googleapis.com, or the label ${LOCATION_LABEL} with the same region.`;
    throw invalidArgument(description, [{ field: `metadata.labels[${LOCATION_LABEL}]`, description }]);
  }
  assertLocation(location);
  return location;
}
