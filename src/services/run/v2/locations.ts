import { invalidArgument } from "../../../wire/errors.ts";
import { isLocation } from "../../../wire/locations.ts";

/** INVALID_ARGUMENT for what is not a region. */
export function assertLocation(location: string): void {
  if (isLocation(location)) return;
  const description = `Location '${location}' is not a valid region.`;
  throw invalidArgument(description, [{ field: "parent", description }]);
}
