import { CloudBuild } from "../../../gen/google/devtools/cloudbuild/v1/cloudbuild_pb.js";
import { decodePageToken, pageOf, pageSizeOf } from "../../../wire/paging.ts";
import { type Rpc, rpc } from "../../../wire/rpc.ts";
import { formatCreateTimeKey, parseCreateTimeKey } from "../create-time-key.ts";
import type { Deps } from "../deps.ts";
import { locationNamedBy } from "../resolve-name.ts";
import { triggerOf } from "../triggers/trigger.ts";

const DEFAULT_PAGE_SIZE = 50;
const MAX_PAGE_SIZE = 1000;

/** CloudBuild.ListBuildTriggers: the newest first. */
export const listBuildTriggers = ({ triggers, projects }: Pick<Deps, "triggers" | "projects">): Rpc =>
  rpc(
    CloudBuild.method.listBuildTriggers,
    { permission: "cloudbuild.builds.list", audit: "ADMIN_READ" },
    async (request) => {
      const { project, location } = await locationNamedBy(request, projects);
      const parent = `projects/${project}/locations/${location}`;
      const scope = `triggers/${parent}`;
      const pageSize = pageSizeOf(request.pageSize, DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE);
      const cursor = decodePageToken(request.pageToken, scope);
      const query = { parent, limit: pageSize + 1, orderBy: "createTime", descending: true } as const;
      const rows = await triggers.list({ ...query, ...(cursor && { after: parseCreateTimeKey(cursor.after) }) });
      const { page, nextPageToken } = pageOf(rows, pageSize, formatCreateTimeKey, scope);
      return { triggers: page.map(triggerOf), nextPageToken };
    },
  );
