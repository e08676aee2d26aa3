import { LoggingServiceV2 } from "../../../gen/google/logging/v2/logging_pb.js";
import type { Call } from "../../../wire/call.ts";
import type { Clients } from "../../../wire/in-process/client.ts";
import type { EventRecord } from "./event-record.ts";

const MAX_TRACES = 20;

/** Which revisions got an event, by trace, as far as the caller may read the request log and it tells. */
export async function revisionsOf(
  { clients }: { readonly clients: Clients },
  { subscription, attempts }: EventRecord,
  { principal, signal }: Pick<Call, "principal" | "signal">,
): Promise<ReadonlyMap<string, string>> {
  const traces = attempts.flatMap(({ traceId }) => traceId ?? []).slice(-MAX_TRACES);
  if (traces.length === 0) return new Map();
  const project = subscription.split("/").slice(0, 2).join("/");
  const names = traces.map((trace) => `"${project}/traces/${trace}"`).join(" OR ");
  const request = {
    resourceNames: [project],
    filter: `resource.type="cloud_run_revision" AND trace=(${names})`,
    pageSize: 1000,
  };
  const logging = clients.of(LoggingServiceV2, principal, signal);
  const { entries } = await logging.listLogEntries(request).catch(() => ({ entries: [] }));
  return new Map(
    entries.flatMap(({ trace, resource }) => {
      const revision = resource?.labels["revision_name"];
      return revision === undefined ? [] : [[trace.split("/").at(-1)!, revision] as const];
    }),
  );
}
