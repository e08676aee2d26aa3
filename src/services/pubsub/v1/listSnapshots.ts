import { Subscriber } from "../../../gen/google/pubsub/v1/pubsub_pb.js";
import { rpc } from "../../../wire/rpc.ts";
import type { Deps } from "../deps.ts";
import { checkProject } from "../resources/names.ts";
import { pageOfTable } from "../resources/page.ts";
import { snapshotOf } from "../resources/snapshot.ts";

/** Subscriber.ListSnapshots, in order of their names. */
export const listSnapshots = ({ snapshots }: Deps) =>
  rpc(
    Subscriber.method.listSnapshots,
    { permission: "pubsub.snapshots.list", audit: "ADMIN_READ" },
    async ({ project, ...request }) => {
      checkProject(project);
      const { page, nextPageToken } = await pageOfTable(snapshots, project, "snapshots", request);
      return { snapshots: page.map(snapshotOf), nextPageToken };
    },
  );
