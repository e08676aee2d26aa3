import { ConfigServiceV2, type LogSinkSchema } from "../../../gen/google/logging/v2/logging_config_pb.js";
import type { MessageInitShape } from "@bufbuild/protobuf";
import { Code } from "../../../gen/google/rpc/code_pb.js";
import type { Deps } from "../deps.ts";
import { agentOf, parseResourceName } from "../names.ts";
import type { StoredTrigger } from "../triggers/stored-trigger.ts";
import { unlessCode, unlessNotFound } from "../triggers/unless-not-found.ts";
import { auditLogFilter } from "./audit-log-filter.ts";

/** Routes the audit log entries that a trigger asks for to its topic. */
export async function ensureSink({ clients }: Deps, stored: StoredTrigger): Promise<void> {
  const { project, sink } = planOf(stored);
  const config = clients.of(ConfigServiceV2, agentOf(project));
  const created = config.createSink({ parent: `projects/${project}`, sink });
  if (await unlessCode(created, Code.ALREADY_EXISTS)) return;
  const sinkName = `projects/${project}/sinks/${sink.name}`;
  await config.updateSink({ sinkName, sink, updateMask: { paths: ["destination", "filter"] } });
}

/** Ends the routing. */
export async function removeSink({ clients }: Deps, stored: StoredTrigger): Promise<void> {
  const { project, sink } = planOf(stored);
  const sinkName = `projects/${project}/sinks/${sink.name}`;
  await unlessNotFound(clients.of(ConfigServiceV2, agentOf(project)).deleteSink({ sinkName }));
}

/** The sink is named as the topic. */
function planOf({ name, trigger, transport }: StoredTrigger) {
  const { project, location } = parseResourceName(name, "triggers");
  const sink = {
    name: transport.topic.split("/").at(-1)!,
    destination: `pubsub.googleapis.com/${transport.topic}`,
    filter: auditLogFilter(project, location, trigger.eventFilters),
  } satisfies MessageInitShape<typeof LogSinkSchema>;
  return { project, sink };
}
