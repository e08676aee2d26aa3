import { CloudBuild } from "../../../gen/google/devtools/cloudbuild/v1/cloudbuild_pb.js";
import { decodePageToken, pageOf, pageSizeOf } from "../../../wire/paging.ts";
import { type Rpc, rpc } from "../../../wire/rpc.ts";
import type { Deps } from "../deps.ts";
import { poolOf } from "../worker-pools/pool.ts";

const DEFAULT_PAGE_SIZE = 50;
const MAX_PAGE_SIZE = 1000;

/** CloudBuild.ListWorkerPools, by name. */
export const listWorkerPools = ({ workerPools }: Pick<Deps, "workerPools">): Rpc =>
  rpc(
    CloudBuild.method.listWorkerPools,
    { permission: "cloudbuild.workerpools.list", audit: "ADMIN_READ" },
    async ({ parent, pageSize: asked, pageToken }) => {
      const scope = `workerPools/${parent}`;
      const pageSize = pageSizeOf(asked, DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE);
      const cursor = decodePageToken(pageToken, scope);
      const query = { parent, limit: pageSize + 1, ...(cursor && { after: { name: cursor.after } }) };
      const { page, nextPageToken } = pageOf(await workerPools.list(query), pageSize, ({ name }) => name, scope);
      return { workerPools: page.map(poolOf), nextPageToken };
    },
  );
