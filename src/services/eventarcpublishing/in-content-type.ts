import type { Trigger } from "../../gen/google/cloud/eventarc/v1/trigger_pb.js";
import { failedPrecondition } from "../../wire/errors.ts";
import { invalidRequest } from "./errors.ts";
import type { PublishedEvent } from "./event.ts";
import { firestoreDataFromJson } from "./firestore-data.ts";

const PROTOBUF = "application/protobuf";
const JSON_TEXT = "application/json";

/**
 * An event with its data in the encoding that the trigger takes: Firestore's documents become protobuf from JSON.
 * FAILED_PRECONDITION where the encoding is not to be had.
 */
export function inContentTypeOf({ name, eventDataContentType }: Trigger, event: PublishedEvent): PublishedEvent {
  const wanted = eventDataContentType || JSON_TEXT;
  const given = (event.contentType || JSON_TEXT).split(";")[0]!.trim().toLowerCase();
  if (given === wanted) return event;
  const isDocument = event.type.startsWith("google.cloud.firestore.document.v1.");
  if (isDocument && given === JSON_TEXT && wanted === PROTOBUF)
    return { ...event, contentType: PROTOBUF, data: documentData(event) };
  throw failedPrecondition(`The trigger ${name} takes events in ${wanted}, and the event is in ${given}`);
}

function documentData({ data }: PublishedEvent): Uint8Array {
  try {
    return firestoreDataFromJson(Buffer.from(data).toString());
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw invalidRequest("events", `the data is no google.events.cloud.firestore.v1.DocumentEventData: ${why}`);
  }
}
