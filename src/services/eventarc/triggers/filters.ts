import type { EventFilter, Trigger } from "../../../gen/google/cloud/eventarc/v1/trigger_pb.js";

/** The operator of filters by path pattern. */
export const PATH_PATTERN = "match-path-pattern";

/** The event type of a trigger; "" when it names none. */
export function typeOf({ eventFilters }: Pick<Trigger, "eventFilters">): string {
  return valueOf(eventFilters, "type");
}

/** The value of the filter by an attribute; "" when there is none. */
export function valueOf(filters: readonly EventFilter[], attribute: string): string {
  return filters.find((filter) => filter.attribute === attribute)?.value ?? "";
}
