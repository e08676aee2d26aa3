import { ConfigServiceV2 } from "../../../gen/google/logging/v2/logging_config_pb.js";
import { decodePageToken, pageOf } from "../../../wire/paging.ts";
import { rpc } from "../../../wire/rpc.ts";
import type { LoggingContext } from "../module.ts";
import { projectOfParent } from "../sinks/names.ts";
import { MAX_SINKS } from "../sinks/sinks.ts";

/** Google: logging_config.proto, ListSinks; by name, all at once unless a smaller page is asked for. */
export const listSinks = ({ deps, sinks }: LoggingContext) =>
  rpc(
    ConfigServiceV2.method.listSinks,
    { permission: "logging.sinks.list", audit: "ADMIN_READ" },
    async ({ parent, pageSize, pageToken }, { principal }) => {
      const project = projectOfParent(parent, deps.projects.idOf);
      const scope = JSON.stringify(["listSinks", project]);
      const after = decodePageToken(pageToken, scope)?.after ?? "";
      const rest = (await sinks.list(project, principal)).filter(({ name }) => name > after);
      // "Non-positive values are ignored."
      const limit = pageSize > 0 ? pageSize : MAX_SINKS + 2;
      const { page, nextPageToken } = pageOf(rest, limit, ({ name }) => name, scope);
      return { sinks: page, nextPageToken };
    },
  );
