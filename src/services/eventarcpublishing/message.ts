import type { MessageInitShape } from "@bufbuild/protobuf";
import type { PubsubMessageSchema } from "../../gen/google/pubsub/v1/pubsub_pb.js";
import type { PublishedEvent } from "./event.ts";

/**
 * An event as a Pub/Sub message in the binary mode of CloudEvents' binding: attributes "ce-NAME", and the data as it is.
 * Google: google-cloudevents, docs/spec/pubsub.md; "ce-datacontenttype" is what Eventarc itself sends.
 */
export function messageOf(event: PublishedEvent): MessageInitShape<typeof PubsubMessageSchema> {
  const { id, source, type, contentType, data } = event;
  const extensions = Object.entries(event.attributes).map(([name, value]) => [`ce-${name}`, value] as const);
  return {
    data,
    attributes: {
      ...Object.fromEntries(extensions),
      "ce-id": id,
      "ce-source": source,
      "ce-specversion": "1.0",
      "ce-type": type,
      ...(contentType !== "" && { "content-type": contentType, "ce-datacontenttype": contentType }),
    },
  };
}
