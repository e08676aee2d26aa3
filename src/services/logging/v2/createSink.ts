import { ConfigServiceV2 } from "../../../gen/google/logging/v2/logging_config_pb.js";
import { rpc } from "../../../wire/rpc.ts";
import type { LoggingContext } from "../module.ts";
import { projectOfParent } from "../sinks/names.ts";

/** Google: logging_config.proto, CreateSink; the sink's entries are exported from its creation on. */
export const createSink = ({ deps, sinks }: LoggingContext) =>
  rpc(
    ConfigServiceV2.method.createSink,
    { permission: "logging.sinks.create", audit: "ADMIN_WRITE" },
    async ({ parent, sink, uniqueWriterIdentity }, { principal }) => {
      const project = projectOfParent(parent, deps.projects.idOf);
      const place = { project, id: sink!.name, name: `projects/${project}/sinks/${sink!.name}` };
      return sinks.create(place, sink!, uniqueWriterIdentity, principal);
    },
  );
