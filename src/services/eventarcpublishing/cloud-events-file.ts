import { createFileRegistry, type DescFile, fromJsonString, type JsonValue, toJson } from "@bufbuild/protobuf";
import { FileDescriptorProtoSchema, FileDescriptorSetSchema, type FileDescriptorSet } from "@bufbuild/protobuf/wkt";
import { create } from "@bufbuild/protobuf";
import { file_google_cloud_eventarc_publishing_v1_cloud_event as generated } from "../../gen/google/cloud/eventarc/publishing/v1/cloud_event_pb.js";

/** The type that clients pack events as: CloudEvents' own one, of which Google's is a copy under another name. */
export const CLOUD_EVENT_TYPE = "io.cloudevents.v1.CloudEvent";

/** The file of io.cloudevents.v1.CloudEvent, for events in google.protobuf.Any. */
export const cloudEventsFile: DescFile = renamed();

function renamed(): DescFile {
  const json: JsonValue = toJson(FileDescriptorProtoSchema, generated.proto);
  const text = JSON.stringify(json).replaceAll("google.cloud.eventarc.publishing.v1", "io.cloudevents.v1");
  const own = fromJsonString(FileDescriptorProtoSchema, text);
  own.name = "io/cloudevents/v1/cloudevents.proto";
  const file: FileDescriptorSet["file"] = [...importsOf(generated), own];
  const registry = createFileRegistry(create(FileDescriptorSetSchema, { file }));
  return registry.getFile(own.name)!;
}

/** What a file imports, each file before those that import it. */
function importsOf({ dependencies }: DescFile): FileDescriptorSet["file"] {
  const all = dependencies.flatMap((file) => [...importsOf(file), file.proto]);
  return [...new Map(all.map((proto) => [proto.name, proto])).values()];
}
