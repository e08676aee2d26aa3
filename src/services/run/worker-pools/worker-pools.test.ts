import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { type BootedRun, bootRun, IMAGE, PARENT } from "../testing/boot-run.ts";
import { ANSWERING, CRASHING, PROGRAM } from "../testing/process-serving.ts";

type Body = Record<string, unknown>;

const POOLS = `/run/v2/${PARENT}/workerPools`;
const nameOf = (id: string) => `${PARENT}/workerPools/${id}`;

function pool(answer: string, { program = ANSWERING, ...more }: Body = {}): Body {
  const env = [
    { name: PROGRAM, value: program },
    { name: "ANSWER", value: answer },
  ];
  return { template: { containers: [{ image: IMAGE, env }] }, ...more };
}

describe("worker pools", () => {
  let booted: BootedRun;
  before(async () => {
    booted = await bootRun();
  });
  after(() => booted[Symbol.asyncDispose]());

  const api = (method: string, path: string, body?: unknown) => booted.api.json(method, path, body);
  const create = async (id: string, body: Body) => {
    const operation = await booted.wait(await api("POST", `${POOLS}?workerPoolId=${id}`, body));
    assert.equal(operation["error"], undefined);
    return operation["response"] as Body;
  };
  const patch = async (id: string, body: Body, query: string) =>
    booted.wait(await api("PATCH", `${POOLS}/${id}?${query}`, body));
  const change = async (id: string, body: Body, query: string) => (await patch(id, body, query))["response"] as Body;
  const read = async (path: string) => (await api("GET", `/run/v2/${path}`)).body as Body;
  const refused = async (method: string, path: string, body: unknown, status: number, words: RegExp) => {
    const answer = await api(method, path, body);
    assert.equal(answer.status, status);
    assert.match((answer.body["error"] as { message: string }).message, words);
  };
  const short = (name: unknown) => String(name).split("/").at(-1)!;
  const conditionsOf = async (revision: unknown) => {
    const { conditions } = await read(String(revision));
    return Object.fromEntries((conditions as Body[]).map((each) => [String(each["type"]), each]));
  };
  /** Instances by revision that the floor was told to run for a pool. */
  const running = (id: string) =>
    Object.fromEntries(
      [...booted.serving.specs.values()]
        .filter(({ name }) => name.startsWith(`${nameOf(id)}/`))
        .map(({ revision, minInstances }) => [revision, minInstances]),
    );

  test("a pool is created with defaults, runs one instance, and its revision tells of it", async () => {
    const created = await create("plain", pool("one", { labels: { team: "red" } }));
    const { latestReadyRevision, terminalCondition, instanceSplits, instanceSplitStatuses, scaling } = created;
    assert.equal(created["name"], nameOf("plain"));
    assert.deepEqual([created["generation"], created["observedGeneration"]], ["1", "1"]);
    assert.match(short(latestReadyRevision), /^plain-00001-[a-z0-9]{3}$/);
    assert.deepEqual(
      [(terminalCondition as Body)["type"], (terminalCondition as Body)["state"]],
      ["Ready", "CONDITION_SUCCEEDED"],
    );
    assert.deepEqual(scaling, { manualInstanceCount: 1 });
    assert.deepEqual(instanceSplits, [{ type: "INSTANCE_SPLIT_ALLOCATION_TYPE_LATEST", percent: 100 }]);
    assert.deepEqual(instanceSplitStatuses, instanceSplits);
    const spec = booted.serving.specs.get(String(latestReadyRevision))!;
    const { contractEnv, monitoredResource, logLabels, port, cpuIdle, minInstances, maxInstances } = spec;
    const revision = short(latestReadyRevision);
    assert.deepEqual(contractEnv, { CLOUD_RUN_WORKER_POOL: "plain", CLOUD_RUN_WORKER_POOL_REVISION: revision });
    const labels = { project_id: "demo", location: "us-central1", worker_pool_name: "plain", revision_name: revision };
    assert.deepEqual(monitoredResource, { type: "cloud_run_worker_pool", labels });
    assert.deepEqual(logLabels, { team: "red" });
    assert.deepEqual([port, cpuIdle, minInstances, maxInstances], [undefined, false, 1, 1]);

    const listed = await read(`${nameOf("plain")}/revisions`);
    const [stored] = listed["revisions"] as Body[];
    assert.equal(stored!["name"], latestReadyRevision);
    assert.equal(stored!["service"], undefined);
    assert.match(String(stored!["logUri"]), /cloud_run_worker_pool/);
    const { Ready: ready, Active: active } = await conditionsOf(latestReadyRevision);
    assert.deepEqual([ready!["state"], active!["state"]], ["CONDITION_SUCCEEDED", "CONDITION_SUCCEEDED"]);
  });

  test("instances are shared out by splits, exactly, and rollbacks keep the earlier revision", async () => {
    const first = short(
      (await create("split", pool("one", { scaling: { manualInstanceCount: 5 } })))["latestReadyRevision"],
    );
    const pinned = [{ revision: first, percent: 100 }];
    await change("split", { instanceSplits: pinned }, "updateMask=instanceSplits");
    const second = short((await change("split", pool("two"), "updateMask=template"))["latestReadyRevision"]);
    assert.deepEqual(running("split"), { [first]: 5 });
    assert.equal(
      (await conditionsOf(`${nameOf("split")}/revisions/${second}`))["Active"]!["revisionReason"],
      "RESERVE",
    );
    const splits = [{ revision: first, percent: 20 }, { percent: 80 }];
    const shared = await change("split", { instanceSplits: splits }, "updateMask=instanceSplits");
    assert.deepEqual(running("split"), { [first]: 1, [second]: 4 });
    assert.deepEqual(shared["instanceSplitStatuses"], [
      { type: "INSTANCE_SPLIT_ALLOCATION_TYPE_REVISION", revision: first, percent: 20 },
      { type: "INSTANCE_SPLIT_ALLOCATION_TYPE_LATEST", percent: 80 },
    ]);
    await change("split", { scaling: { manualInstanceCount: 0 } }, "updateMask=scaling");
    assert.deepEqual(running("split"), { [first]: 0, [second]: 0 });
    const missing = await patch(
      "split",
      { instanceSplits: [{ revision: "split-lost", percent: 100 }] },
      "updateMask=instanceSplits",
    );
    assert.match((missing["error"] as Body)["message"] as string, /Revision 'split-lost' does not exist or is deleted/);
  });

  test("a revision that does not start leaves the one before it running", async () => {
    const created = await create("fails", pool("good"));
    const good = short(created["latestReadyRevision"]);
    const operation = await patch("fails", pool("bad", { program: CRASHING }), "updateMask=template");
    assert.match(
      (operation["error"] as Body)["message"] as string,
      /is not ready.*The user-provided container failed to start\./s,
    );
    const after = await read(nameOf("fails"));
    assert.equal((after["terminalCondition"] as Body)["state"], "CONDITION_FAILED");
    assert.equal(short(after["latestReadyRevision"]), good);
    assert.equal(after["observedGeneration"], "1");
    assert.deepEqual(running("fails"), { [good]: 1 });
    const again = await change("fails", pool("good"), "updateMask=template");
    assert.notEqual(short(again["latestReadyRevision"]), good);
  });

  test("revisions are made only of changed templates, or when that is asked for", async () => {
    const made = (await create("again", pool("x")))["latestCreatedRevision"];
    const same = await change("again", pool("x", { description: "new" }), "");
    assert.equal(same["latestCreatedRevision"], made);
    assert.equal(same["generation"], "2");
    const forced = await change("again", pool("x"), "forceNewRevision=true");
    assert.match(short(forced["latestCreatedRevision"]), /^again-00003-/);
    const named = pool("x");
    (named["template"] as Body)["revision"] = "again-blue";
    assert.equal(short((await change("again", named, "updateMask=template"))["latestCreatedRevision"]), "again-blue");
    const revisions = (await read(`${nameOf("again")}/revisions`))["revisions"] as Body[];
    assert.equal(revisions.length, 3);
    const path = `/run/v2/${String(made)}`;
    await refused(
      "DELETE",
      `/run/v2/${nameOf("again")}/revisions/again-blue`,
      undefined,
      400,
      /is the latest created Revision of WorkerPool/,
    );
    const deleted = await api("DELETE", path);
    assert.equal(deleted.body["done"], true);
    assert.equal((await api("GET", path)).status, 404);
    await refused("DELETE", path, undefined, 404, /of kind 'REVISION'/);
  });

  test("validateOnly, allowMissing and etags are heeded", async () => {
    const planned = await api("POST", `${POOLS}?workerPoolId=only&validateOnly=true`, pool("x"));
    assert.equal(planned.body["done"], true);
    await refused(
      "GET",
      `${POOLS}/only`,
      undefined,
      404,
      /^Resource 'only' of kind 'WORKER_POOL' in region 'us-central1'/,
    );
    await refused("PATCH", `${POOLS}/only`, pool("x"), 404, /does not exist/);
    const made = await change("only", pool("x"), "allowMissing=true");
    await refused("POST", `${POOLS}?workerPoolId=only`, pool("x"), 409, /already exists/);
    await refused("PATCH", `${POOLS}/only?updateMask=description`, { etag: '"old"', description: "d" }, 409, /etag/);
    const described = await change("only", { etag: made["etag"], description: "d" }, "updateMask=description");
    assert.equal(described["description"], "d");
    await refused("DELETE", `${POOLS}/only?etag=%22old%22`, undefined, 409, /etag/);
    assert.equal((await api("DELETE", `${POOLS}/only?validateOnly=true`)).body["done"], true);
    const listed = (await read(`${PARENT}/workerPools?pageSize=1`)) as { workerPools: Body[]; nextPageToken: string };
    assert.equal(listed.workerPools[0]!["name"], nameOf("only"));
    assert.notEqual(listed.nextPageToken, "");
    await booted.wait(await api("DELETE", `${POOLS}/only`));
    assert.equal((await api("GET", `${POOLS}/only`)).status, 404);
    assert.deepEqual(running("only"), {});
  });

  test("what cannot be is refused by name", async () => {
    const at = `${POOLS}?workerPoolId=bad`;
    const withTemplate = (more: Body) => ({ template: { ...(pool("x")["template"] as Body), ...more } });
    const withContainer = (more: Body) => {
      const [container] = (pool("x")["template"] as { containers: Body[] }).containers;
      return { template: { containers: [{ ...container, ...more }] } };
    };
    await refused("POST", `${POOLS}?workerPoolId=Bad`, pool("x"), 400, /worker_pool_id: only lowercase/);
    await refused("POST", at, {}, 400, /worker_pool\.template: required field not present/);
    await refused(
      "POST",
      at,
      withContainer({ ports: [{ containerPort: 80 }] }),
      400,
      /worker_pool\.template\.containers\[0\]\.ports is not supported/,
    );
    await refused(
      "POST",
      at,
      withTemplate({ nodeSelector: { accelerator: "l4" } }),
      400,
      /node_selector is not supported/,
    );
    await refused(
      "POST",
      at,
      withContainer({ resources: { limits: { cpu: "0.5" } } }),
      400,
      /Total cpu < 1 is not supported with CPU always allocated/,
    );
    await refused(
      "POST",
      at,
      pool("x", { scaling: { manualInstanceCount: -1 } }),
      400,
      /scaling\.manual_instance_count: must be greater/,
    );
    await refused("POST", at, pool("x", { instanceSplits: [{ percent: 90 }] }), 400, /must sum to 100, but sum to 90/);
    await refused(
      "POST",
      at,
      pool("x", { binaryAuthorization: { useDefault: true } }),
      400,
      /binary_authorization is not supported/,
    );
    await refused("POST", at, withTemplate({ revision: "other-1" }), 400, /must be prefixed by the name/);
  });

  test("policies belong to the pool and go with it", async () => {
    await create("shared", pool("x"));
    const policy = { bindings: [{ role: "roles/run.developer", members: ["user:me@example.com"] }] };
    await api("POST", `${POOLS}/shared:setIamPolicy`, { policy });
    assert.deepEqual((await api("GET", `${POOLS}/shared:getIamPolicy`)).body["bindings"], policy.bindings);
    await booted.wait(await api("DELETE", `${POOLS}/shared`));
    assert.equal((await api("GET", `${POOLS}/shared:getIamPolicy`)).status, 404);
  });
});
