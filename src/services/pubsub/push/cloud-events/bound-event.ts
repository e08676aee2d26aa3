import type { PubsubMessage } from "../../../../gen/google/pubsub/v1/pubsub_pb.js";
import type { PushContent } from "../pushed-body.ts";
import { fieldValue } from "./field-values.ts";

const REQUIRED = ["ce-id", "ce-source", "ce-specversion", "ce-type"];
const NAME = /^ce-[a-z0-9]+$/;

/**
 * An event that the message itself carries, in either mode of CloudEvents' binding for Pub/Sub; undefined when it carries
 * none. An attribute that a blank begins or ends cannot be a header: such messages are pushed as they are, as functions
 * frameworks expect. Google: google-cloudevents, docs/spec/pubsub.md.
 */
export function boundEvent({ attributes, data }: PubsubMessage): PushContent | undefined {
  const contentType = attributes["content-type"] ?? attributes["Content-Type"];
  if (contentType?.startsWith("application/cloudevents") === true)
    return { headers: { "content-type": fieldValue(contentType) }, body: data };
  if (REQUIRED.some((name) => attributes[name] === undefined)) return undefined;
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(attributes)) {
    if (!NAME.test(name) || name === "ce-datacontenttype") continue;
    if (value.trim() !== value) return undefined;
    headers[name] = fieldValue(value);
  }
  const dataContentType = contentType ?? attributes["ce-datacontenttype"];
  return {
    headers: { ...headers, ...(dataContentType !== undefined && { "content-type": fieldValue(dataContentType) }) },
    body: data,
  };
}
