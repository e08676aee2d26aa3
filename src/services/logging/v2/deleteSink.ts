import { ConfigServiceV2 } from "../../../gen/google/logging/v2/logging_config_pb.js";
import { rpc } from "../../../wire/rpc.ts";
import type { LoggingContext } from "../module.ts";
import { sinkPlace } from "../sinks/names.ts";

/** Google: logging_config.proto, DeleteSink; what matched before is still exported. */
export const deleteSink = ({ deps, sinks }: LoggingContext) =>
  rpc(
    ConfigServiceV2.method.deleteSink,
    { permission: "logging.sinks.delete", audit: "ADMIN_WRITE" },
    async ({ sinkName }, { principal }) => {
      await sinks.delete(sinkPlace(sinkName, deps.projects.idOf), principal);
      return {};
    },
  );
