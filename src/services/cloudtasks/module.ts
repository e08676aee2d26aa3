import { CloudTasks } from "../../gen/google/cloud/tasks/v2/cloudtasks_pb.js";
import type { ServiceModule } from "../../wire/service-module.ts";
import type { CloudTasksDeps, Deps, DispatchDeps } from "./deps.ts";
import { createDispatcher } from "./dispatch/dispatcher.ts";
import { createGroupCommit } from "./group-commit.ts";
import { createQueueTables, queueMigrations } from "./queues/store.ts";
import { reconcilers } from "./reconcile.ts";
import { createTaskStore, taskMigrations } from "./tasks/store.ts";
import { bufferTask } from "./v2/bufferTask.ts";
import { cmekRpcs } from "./v2/cmekConfig.ts";
import { createQueue } from "./v2/createQueue.ts";
import { createTask } from "./v2/createTask.ts";
import { deleteQueue } from "./v2/deleteQueue.ts";
import { deleteTask } from "./v2/deleteTask.ts";
import { getQueue } from "./v2/getQueue.ts";
import { getTask } from "./v2/getTask.ts";
import { listQueues } from "./v2/listQueues.ts";
import { listTasks } from "./v2/listTasks.ts";
import { pauseQueue } from "./v2/pauseQueue.ts";
import { policyRpcs } from "./v2/policies.ts";
import { purgeQueue } from "./v2/purgeQueue.ts";
import { resumeQueue } from "./v2/resumeQueue.ts";
import { runTask } from "./v2/runTask.ts";
import { updateQueue } from "./v2/updateQueue.ts";

/** cloudtasks.googleapis.com: queues of HTTP tasks. */
export function cloudtasks(given: CloudTasksDeps): ServiceModule {
  const { store } = given;
  const dispatching: DispatchDeps = {
    ...given,
    ...createQueueTables(store),
    tasks: createTaskStore(store),
    commits: createGroupCommit(store),
  };
  const dispatcher = createDispatcher(dispatching);
  const deps: Deps = { ...dispatching, dispatcher };
  return {
    name: "cloudtasks",
    services: [CloudTasks],
    rpcs: rpcsOf(deps),
    mixinVersions: ["v2"],
    migrations: [...queueMigrations, ...taskMigrations],
    reconcilers: reconcilers(deps),
    timeDriven: dispatcher,
    start: () => dispatcher.start(),
    stop: () => dispatcher.stop(),
  };
}

function rpcsOf(deps: Deps) {
  return [
    createQueue(deps),
    getQueue(deps),
    listQueues(deps),
    updateQueue(deps),
    deleteQueue(deps),
    purgeQueue(deps),
    pauseQueue(deps),
    resumeQueue(deps),
    ...policyRpcs(deps),
    createTask(deps),
    bufferTask(deps),
    getTask(deps),
    listTasks(deps),
    deleteTask(deps),
    runTask(deps),
    ...cmekRpcs(),
  ];
}
