import { LoggingServiceV2, type WriteLogEntriesRequest } from "../../src/gen/google/logging/v2/logging_pb.js";
import { rpc } from "../../src/wire/rpc.ts";
import type { ServiceModule } from "../../src/wire/service-module.ts";

/** A Cloud Logging that only takes entries, into `requests`; for tests of services that write logs. */
export function quietLogging(requests: WriteLogEntriesRequest[] = []): ServiceModule {
  const policy = { permission: "logging.logEntries.create", audit: "none" } as const;
  const write = rpc(LoggingServiceV2.method.writeLogEntries, policy, async (request) => {
    requests.push(request);
    return {};
  });
  return { name: "logging", services: [LoggingServiceV2], rpcs: [write] };
}
