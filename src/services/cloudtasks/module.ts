import { CloudTasks } from "../../gen/google/cloud/tasks/v2/cloudtasks_pb.js";
import type { ServiceModule } from "../../wire/service-module.ts";
import type { CloudTasksDeps } from "./deps.ts";

/** cloudtasks.googleapis.com: queues of HTTP tasks. */
export function cloudtasks(_deps: CloudTasksDeps): ServiceModule {
  return { name: "cloudtasks", services: [CloudTasks], rpcs: [], mixinVersions: ["v1"] };
}
