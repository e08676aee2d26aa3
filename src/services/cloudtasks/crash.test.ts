import assert from "node:assert/strict";
import { test } from "node:test";
import { bootWithTestClock } from "../../../tests/support/boot-with-test-clock.ts";
import { quietLogging } from "../../../tests/support/quiet-logging.ts";
import { startTestTarget } from "../../../tests/support/test-target.ts";
import { until } from "../../../tests/support/until.ts";
import { sqlitePlace } from "../../platform/store/sqlite-place.ts";
import { createGroupCommit } from "./group-commit.ts";
import { cloudtasks } from "./module.ts";
import { createTaskStore, taskMigrations, type TaskRow } from "./tasks/store.ts";

const PARENT = "/v2/projects/demo/locations/us-central1/queues";
const NAME = "projects/demo/locations/us-central1/queues/work";

test("a task that was under way when the server ended is sent again, and none that succeeded", async () => {
  await using target = await startTestTarget();
  target.answer = ({ headers }) => (headers["x-cloudtasks-taskname"] === "hangs" ? new Promise(() => {}) : 200);
  const first = await bootWithTestClock((deps) => [cloudtasks(deps), quietLogging()], { keepData: true });
  await first.api.json("POST", PARENT, { name: NAME });
  for (const id of ["done", "hangs"]) {
    const task = { name: `${NAME}/tasks/${id}`, httpRequest: { url: target.url } };
    assert.equal((await first.api.json("POST", `${PARENT}/work/tasks`, { task })).status, 200);
  }
  await until(async () => target.requests.length === 2);
  await until(async () => (await first.api.json("GET", `${PARENT}/work/tasks/done`)).status === 404);
  await first.api[Symbol.asyncDispose]();
  target.answer = 200;
  const { dataDir } = first.api;
  const second = await bootWithTestClock((deps) => [cloudtasks(deps), quietLogging()], { dataDir });
  await using _ = second.api;
  await until(async () => target.requests.length === 3);
  await second.settle();
  const names = target.requests.map(({ headers }) => headers["x-cloudtasks-taskname"]);
  assert.deepEqual(
    names.filter((name) => name === "hangs"),
    ["hangs", "hangs"],
  );
  assert.deepEqual((await second.api.json("GET", `${PARENT}/work/tasks`)).body, {});
});

test("transactions that share a commit fail and succeed each for itself", async () => {
  await using place = await sqlitePlace();
  await using store = await place.open();
  await store.migrate("cloudtasks", taskMigrations);
  const tasks = createTaskStore(store);
  const commits = createGroupCommit(store);
  const add = (id: string) => commits.run((transaction) => tasks.insert(transaction, rowOf(id)));
  const refused = commits.run(() => Promise.reject(new Error("refused")));
  const broken = commits.run((transaction) => tasks.insert(transaction, { ...rowOf("broken"), task: null as never }));
  const results = await Promise.allSettled([add("a"), refused, add("b"), broken, add("c"), add("a")]);
  assert.deepEqual(
    results.map((result) => (result.status === "fulfilled" ? result.value : "rejected")),
    [true, "rejected", true, "rejected", true, false],
  );
  assert.deepEqual(
    (await tasks.list("uid", 0, "", 10)).map(({ id }) => id),
    ["a", "b", "c"],
  );
});

function rowOf(id: string): TaskRow {
  const progress = { dispatchCount: 0, responseCount: 0 };
  return {
    queueUid: "uid",
    id,
    born: 1,
    seq: 1,
    named: false,
    dueMs: 0,
    createMs: 0,
    task: new Uint8Array(),
    progress,
  };
}
