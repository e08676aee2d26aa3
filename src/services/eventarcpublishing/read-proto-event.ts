import { timestampDate } from "@bufbuild/protobuf/wkt";
import type {
  CloudEvent,
  CloudEvent_CloudEventAttributeValue as AttributeValue,
} from "../../gen/google/cloud/eventarc/publishing/v1/cloud_event_pb.js";
import { invalidRequest } from "./errors.ts";
import type { PublishedEvent } from "./event.ts";

/** An event in CloudEvents' protobuf format. Google: cloud_event.proto. */
export function eventFromProto(event: CloudEvent, field: string): PublishedEvent {
  const { id, source, type, specVersion } = event;
  if (specVersion !== "1.0")
    throw invalidRequest(`${field}.spec_version`, `the version "${specVersion}" of CloudEvents is not supported`);
  const all = Object.entries(event.attributes).map(([name, value]) => [name, textOf(value)] as const);
  const attributes = Object.fromEntries(all.filter(([name]) => name !== "datacontenttype"));
  const contentType = all.find(([name]) => name === "datacontenttype")?.[1] ?? "";
  return { id, source, type, attributes, contentType, data: dataOf(event) };
}

function dataOf({ data }: CloudEvent): Uint8Array {
  if (data.case === "textData") return Buffer.from(data.value);
  return data.case === "protoData" ? data.value.value : (data.value ?? new Uint8Array());
}

/** The canonical text of an attribute. CloudEvents 1.0.2, "Type System". */
function textOf({ attr }: AttributeValue): string {
  if (attr.case === "ceBytes") return Buffer.from(attr.value).toString("base64");
  if (attr.case === "ceTimestamp") return timestampDate(attr.value).toISOString();
  return String(attr.value ?? "");
}
