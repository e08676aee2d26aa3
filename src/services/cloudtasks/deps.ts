import type { ServiceDeps } from "../../wire/service-deps.ts";
import type { Dispatcher } from "./dispatch/dispatcher.ts";
import type { GroupCommit } from "./group-commit.ts";
import type { QueueTables } from "./queues/store.ts";
import type { TaskStore } from "./tasks/store.ts";

/** What CloudTasks needs of the rest of the server. */
export type CloudTasksDeps = Pick<
  ServiceDeps,
  "store" | "wakeups" | "clock" | "ids" | "log" | "tokens" | "clients" | "outgoing" | "policies" | "projects"
>;

/** What its dispatching needs. */
export interface DispatchDeps extends CloudTasksDeps, QueueTables {
  readonly tasks: TaskStore;
  readonly commits: GroupCommit;
}

/** What its methods share. */
export interface Deps extends DispatchDeps {
  readonly dispatcher: Dispatcher;
}

/** The wake-up kind: tasks of a purged or deleted queue to be removed. */
export const PURGE_KIND = "cloudtasks.purge";
