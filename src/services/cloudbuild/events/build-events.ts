import { toJson } from "@bufbuild/protobuf";
import {
  type Build,
  Build_Status as Status,
  BuildSchema,
} from "../../../gen/google/devtools/cloudbuild/v1/cloudbuild_pb.js";
import type { StoreTransaction } from "../../../platform/store/store.ts";
import { principalEmail } from "../../../wire/credentials/principal.ts";
import type { Outbox } from "../../../wire/outbox/outbox.ts";
import { agentOf } from "../service-agent.ts";

/** Tells the topic `cloud-builds` of a build's project what becomes of it, if there is such a topic. */
export interface BuildEvents {
  /** Publishes the build as it is now, after the commit. Google: cloud.google.com/build/docs/subscribe-build-notifications. */
  changed(transaction: StoreTransaction, build: Build): Promise<void>;
}

export function createBuildEvents(outbox: Outbox): BuildEvents {
  return {
    async changed(transaction, build) {
      const { projectId, id: buildId } = build;
      const topic = `projects/${projectId}/topics/cloud-builds`;
      const data = Buffer.from(JSON.stringify(toJson(BuildSchema, build)));
      const message = { data, attributes: { buildId, status: Status[build.status] } };
      await outbox.add(transaction, [{ topic, agent: principalEmail(agentOf(projectId)), message }]);
    },
  };
}
