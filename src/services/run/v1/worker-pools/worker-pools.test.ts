import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { type BootedRun, bootRun, IMAGE, PARENT } from "../../testing/boot-run.ts";
import { ANSWERING, PROGRAM } from "../../testing/process-serving.ts";

type Body = Record<string, unknown>;
interface Shown {
  metadata: { name: string; labels: Body; annotations: Record<string, string>; resourceVersion: string };
  spec: { template: { metadata: { annotations: Body }; spec: Body }; instanceSplits: Body[] };
  status: { conditions: Body[]; latestReadyRevisionName: string; instanceSplits: Body[] };
}

const OF_RUN = "/apis/run.googleapis.com/v1/namespaces/demo";
const OF_KNATIVE = "/apis/serving.knative.dev/v1/namespaces/demo";

function workerPool(name: string, more: { annotations?: Body; spec?: Body; template?: Body } = {}): Body {
  const containers = [{ image: IMAGE, env: [{ name: PROGRAM, value: ANSWERING }] }];
  return {
    apiVersion: "run.googleapis.com/v1",
    kind: "WorkerPool",
    metadata: { name, annotations: more.annotations ?? {}, labels: { "cloud.googleapis.com/location": "us-central1" } },
    spec: { template: { metadata: more.template ?? {}, spec: { containers } }, ...more.spec },
  };
}

describe("worker pools in v1", () => {
  let booted: BootedRun;
  before(async () => {
    booted = await bootRun();
  });
  after(() => booted[Symbol.asyncDispose]());

  const call = (method: string, path: string, body?: unknown) => booted.api.json(method, `/run${path}`, body);
  const applied = async (method: string, path: string, body: unknown): Promise<Shown> => {
    const answer = await call(method, path, body);
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    const { annotations } = (answer.body as unknown as Shown).metadata;
    const operation = `/v1/${PARENT}/operations/${annotations["run.googleapis.com/operation-id"]}:wait`;
    for (;;) {
      const { body: waited } = await call("POST", operation, {});
      assert.equal(waited["error"], undefined);
      if (waited["done"]) return waited["response"] as Shown;
    }
  };

  test("what v1 writes, v1 and v2 read; revisions are selected by Google's label", async () => {
    const annotations = { "run.googleapis.com/manualInstanceCount": "3", "run.googleapis.com/description": "d" };
    const made = await applied("POST", `${OF_RUN}/workerpools`, workerPool("both", { annotations }));
    assert.equal(made.metadata.annotations["run.googleapis.com/scalingMode"], "manual");
    assert.equal(made.metadata.annotations["run.googleapis.com/manualInstanceCount"], "3");
    assert.deepEqual(
      made.status.conditions.map(({ type, status }) => [type, status]),
      [["Ready", "True"]],
    );
    assert.deepEqual(Object.keys(made.spec.template.spec).toSorted(), ["containers", "serviceAccountName"]);
    const revisionName = made.status.latestReadyRevisionName;
    assert.deepEqual(made.status.instanceSplits, [{ latestRevision: true, percent: 100, revisionName }]);
    const { body: v2 } = await call("GET", `/v2/${PARENT}/workerPools/both`);
    assert.deepEqual([v2["description"], v2["scaling"]], ["d", { manualInstanceCount: 3 }]);

    const instanceSplits = [{ revisionName, percent: 100 }];
    const replaced = await applied(
      "PUT",
      `${OF_RUN}/workerpools/both`,
      workerPool("both", { spec: { instanceSplits } }),
    );
    assert.deepEqual(replaced.spec.instanceSplits, instanceSplits);
    assert.equal(replaced.metadata.annotations["run.googleapis.com/manualInstanceCount"], "1");

    const selector = encodeURIComponent("run.googleapis.com/workerPool = both");
    const { body: list } = await call("GET", `${OF_KNATIVE}/revisions?labelSelector=${selector}`);
    const [revision] = list["items"] as Shown[];
    assert.equal(revision!.metadata.name, revisionName);
    assert.equal(revision!.metadata.labels["serving.knative.dev/service"], undefined);
    assert.equal((await call("GET", `${OF_KNATIVE}/revisions/${revisionName}`)).status, 200);
    const { body: pools } = await call("GET", `${OF_RUN}/workerpools`);
    assert.deepEqual(
      [pools["kind"], (pools["items"] as Shown[]).map(({ metadata }) => metadata.name)],
      ["WorkerPoolList", ["both"]],
    );
    assert.equal((await call("DELETE", `${OF_RUN}/workerpools/both`)).status, 200);
  });

  test("what cannot be is refused by name", async () => {
    const refused = async (body: unknown, words: RegExp) => {
      const answer = await call("POST", `${OF_RUN}/workerpools`, body);
      assert.equal(answer.status, 400);
      assert.match((answer.body["error"] as { message: string }).message, words);
    };
    const splits = { spec: { instanceSplits: [{ revisionName: "x", percent: 10 }] } };
    await refused(workerPool("bad", splits), /^spec\.instanceSplits: Instance split percentages must sum to 100/);
    await refused(
      workerPool("bad", { annotations: { "run.googleapis.com/scalingMode": "automatic" } }),
      /must be one of manual/,
    );
    await refused(
      workerPool("bad", { annotations: { "run.googleapis.com/maxScale": "3" } }),
      /maxScale\] is not supported/,
    );
    const template = { annotations: { "autoscaling.knative.dev/maxScale": "3" } };
    await refused(workerPool("bad", { template }), /autoscaling\.knative\.dev\/maxScale\] is not supported/);
    await refused({ ...workerPool("bad"), kind: "Service" }, /^kind: must be WorkerPool/);
    await refused(workerPool("Bad"), /metadata\.name: only lowercase/);
  });

  test("dryRun stores nothing, and versions are heeded", async () => {
    const dry = await call("POST", `${OF_RUN}/workerpools?dryRun=all`, workerPool("dry"));
    assert.equal(dry.status, 200);
    assert.equal((await call("GET", `${OF_RUN}/workerpools/dry`)).status, 404);
    await applied("POST", `${OF_RUN}/workerpools`, workerPool("dry"));
    const stale = workerPool("dry");
    (stale["metadata"] as Body)["resourceVersion"] = "AAAAAA";
    const answer = await call("PUT", `${OF_RUN}/workerpools/dry`, stale);
    assert.ok(answer.status >= 400 && answer.status < 500, JSON.stringify(answer.body));
  });
});
