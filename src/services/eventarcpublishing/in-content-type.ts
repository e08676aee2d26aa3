import type { Trigger } from "../../gen/google/cloud/eventarc/v1/trigger_pb.js";
import { failedPrecondition } from "../../wire/errors.ts";
import type { PublishedEvent } from "./event.ts";

/** An event with its data in the encoding that the trigger takes; FAILED_PRECONDITION where it is not to be had. */
export function inContentTypeOf({ name, eventDataContentType }: Trigger, event: PublishedEvent): PublishedEvent {
  const wanted = eventDataContentType || "application/json";
  const given = (event.contentType || "application/json").split(";")[0]!.trim().toLowerCase();
  if (given === wanted) return event;
  throw failedPrecondition(`The trigger ${name} takes events in ${wanted}, and the event is in ${given}`);
}
