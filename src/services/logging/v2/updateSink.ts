import { create } from "@bufbuild/protobuf";
import { FieldMaskSchema } from "@bufbuild/protobuf/wkt";
import { ConfigServiceV2, LogSinkSchema } from "../../../gen/google/logging/v2/logging_config_pb.js";
import { applyFieldMask } from "../../../wire/field-mask.ts";
import { rpc } from "../../../wire/rpc.ts";
import type { LoggingContext } from "../module.ts";
import { sinkPlace } from "../sinks/names.ts";

/** What an update without a mask changes. */
const UNMASKED = ["destination", "filter", "include_children"];

/** Google: logging_config.proto, UpdateSink. */
export const updateSink = ({ deps, sinks }: LoggingContext) =>
  rpc(
    ConfigServiceV2.method.updateSink,
    { permission: "logging.sinks.update", audit: "ADMIN_WRITE" },
    ({ sinkName, sink, updateMask, uniqueWriterIdentity }, { principal }) => {
      const place = sinkPlace(sinkName, deps.projects.idOf);
      const mask = updateMask?.paths.length ? updateMask : create(FieldMaskSchema, { paths: UNMASKED });
      const change = (current: NonNullable<typeof sink>) => applyFieldMask(LogSinkSchema, current, sink!, mask);
      return sinks.update(place, change, uniqueWriterIdentity, principal);
    },
  );
