import { type ApiError, aborted, invalidArgument } from "../../wire/errors.ts";

/** INVALID_ARGUMENT in Eventarc's wording: "The request was invalid: WHY". */
export function invalidRequest(field: string, why: string): ApiError {
  const description = `The request was invalid: ${why}`;
  return invalidArgument(description, [{ field, description }]);
}

/** An event type that no provider has. */
export function unknownEventType(type: string): ApiError {
  return invalidFilter("type", `event type "${type}" is not supported`);
}

/** An event type that belongs to one region, in a trigger of the global location. */
export function notInGlobalLocation(type: string): ApiError {
  return invalidFilter("type", `type "${type}" is not allowed in global location`);
}

/** The value of a filter is not one that Eventarc takes. */
export function invalidFilter(attribute: string, why: string): ApiError {
  return invalidRequest(
    "trigger.event_filters",
    `invalid value for attribute '${attribute}' in trigger.event_filters: ${why}`,
  );
}

/** A filter that every trigger of the type needs is not there. */
export function missingFilter(attribute: string): ApiError {
  return invalidRequest("trigger.event_filters", `missing required attribute "${attribute}" in trigger.event_filters`);
}

/** A filter by something that events of the type do not have. */
export function invalidAttribute(attribute: string, type: string): ApiError {
  return invalidRequest("trigger.event_filters", `invalid attribute "${attribute}" for event type "${type}"`);
}

/** The trigger is not where its bucket is. */
export function bucketElsewhere(bucket: string, location: string, triggerLocation: string): ApiError {
  return invalidRequest(
    "trigger.event_filters",
    `Bucket "${bucket}" location "${location}" does not match trigger location "${triggerLocation}". Try again by creating the trigger in "${location}".`,
  );
}

/** Somebody's operation on the resource is still under way. */
export function operationUnderWay(): ApiError {
  return aborted("unable to queue the operation");
}
