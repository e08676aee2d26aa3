import { ConfigServiceV2 } from "../../../gen/google/logging/v2/logging_config_pb.js";
import { rpc } from "../../../wire/rpc.ts";
import type { LoggingContext } from "../module.ts";
import { sinkPlace } from "../sinks/names.ts";

/** Google: logging_config.proto, GetSink. */
export const getSink = ({ deps, sinks }: LoggingContext) =>
  rpc(
    ConfigServiceV2.method.getSink,
    { permission: "logging.sinks.get", audit: "ADMIN_READ" },
    ({ sinkName }, { principal }) => sinks.get(sinkPlace(sinkName, deps.projects.idOf), principal),
  );
