import { Publisher } from "../../../gen/google/cloud/eventarc/publishing/v1/publisher_pb.js";
import { rpc } from "../../../wire/rpc.ts";
import { unsupportedField } from "../../../wire/errors.ts";
import type { PublishingDeps } from "../deps.ts";
import { invalidRequest } from "../errors.ts";
import { publishToBus } from "../publish-to-bus.ts";
import { checkedEvent } from "../read-events.ts";
import { eventFromJson } from "../read-json-event.ts";
import { eventFromProto } from "../read-proto-event.ts";

/** Publisher.Publish: to a message bus, in protobuf or JSON. */
export const publish = (deps: PublishingDeps) =>
  rpc(
    Publisher.method.publish,
    { permission: "eventarc.messageBuses.publish", audit: "DATA_WRITE" },
    async ({ messageBus, format }) => {
      switch (format.case) {
        case "protoMessage":
          await publishToBus(
            deps,
            messageBus,
            checkedEvent("proto_message", eventFromProto(format.value, "proto_message")),
          );
          break;
        case "jsonMessage":
          await publishToBus(
            deps,
            messageBus,
            checkedEvent("json_message", eventFromJson(format.value, "json_message")),
          );
          break;
        case "avroMessage":
          throw unsupportedField("avro_message");
        default:
          throw invalidRequest("format", "there is no event");
      }
      return {};
    },
  );
