import {
  type Build,
  BuildOptions_LogStreamingOption as LogStreaming,
} from "../../../gen/google/devtools/cloudbuild/v1/cloudbuild_pb.js";
import { LoggingServiceV2 } from "../../../gen/google/logging/v2/logging_pb.js";
import { Storage } from "../../../gen/google/storage/v2/storage_pb.js";
import type { BuildName } from "../build-name.ts";
import { logDestinationsOf } from "../build.ts";
import type { Deps } from "../deps.ts";
import { agentOf } from "../service-agent.ts";
import { type BuildLog, type LogSink, openBuildLog } from "./build-log.ts";
import { logEntriesSink } from "./log-entries.ts";
import { logObjectSink } from "./log-object.ts";

/** Opens the log of a build, in the places that its options name; `file` is a new file for what the log object holds. */
export function openLog(
  deps: Pick<Deps, "clients" | "clock" | "log">,
  name: BuildName,
  build: Build,
  file: string,
): BuildLog {
  const { bucket, cloudLogging } = logDestinationsOf(build, name);
  const { project, location } = name;
  const agent = agentOf(project);
  const sinks: LogSink[] = [];
  const isStreaming = build.options?.logStreamingOption !== LogStreaming.STREAM_OFF;
  const object = { storage: deps.clients.of(Storage, agent), clock: deps.clock, project, location, file, isStreaming };
  if (bucket) sinks.push(logObjectSink(object, bucket, name.id));
  if (cloudLogging) sinks.push(logEntriesSink(deps.clients.of(LoggingServiceV2, agent), build));
  return openBuildLog({ ...deps, sinks, steps: build.steps });
}
