import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { until } from "../../../../tests/support/until.ts";
import { type BootedRun, bootRun, IMAGE, PARENT, serviceAnswering } from "../testing/boot-run.ts";
import { ANSWERING, CRASHING, PROGRAM } from "../testing/process-serving.ts";

type Body = Record<string, unknown>;

const INSTANCES = `/run/v2/${PARENT}/instances`;
const nameOf = (id: string) => `${PARENT}/instances/${id}`;
/** Ends with code 0 when it is asked for the second time. */
const ENDING = `let asked = 0; require("node:http").createServer((_, r) => r.end("bye", () => asked++ && process.exit(0))).listen(process.env.PORT)`;

function instance(program: string, more: Body = {}, container: Body = {}): Body {
  const env = [
    { name: PROGRAM, value: program },
    { name: "ANSWER", value: "here" },
  ];
  return { containers: [{ image: IMAGE, env, ...container }], ...more };
}

const WITH_PORT = { ports: [{ containerPort: 8080 }] };

describe("instances", () => {
  let booted: BootedRun;
  before(async () => {
    booted = await bootRun();
  });
  after(() => booted[Symbol.asyncDispose]());

  const api = (method: string, path: string, body?: unknown) => booted.api.json(method, path, body);
  const done = async (method: string, path: string, body?: unknown) => {
    const operation = await booted.wait(await api(method, path, body));
    assert.equal(operation["error"], undefined);
    return operation["response"] as Body;
  };
  const create = (id: string, body: Body) => done("POST", `${INSTANCES}?instanceId=${id}`, body);
  const read = async (id: string) => (await api("GET", `${INSTANCES}/${id}`)).body as Body;
  const condition = (shown: Body) => shown["terminalCondition"] as Body;
  const refused = async (method: string, path: string, body: unknown, status: number, words: RegExp) => {
    const answer = await api(method, path, body);
    assert.equal(answer.status, status);
    assert.match((answer.body["error"] as { message: string }).message, words);
  };

  test("an instance runs, without a port and with Google's defaults", async () => {
    const made = await create("plain", instance(ANSWERING, { labels: { team: "red" } }));
    assert.deepEqual([condition(made)["type"], condition(made)["state"]], ["Running", "CONDITION_SUCCEEDED"]);
    assert.match(String(condition(made)["message"]), /^Started instance in \d+\.\d\ds\.$/);
    assert.deepEqual([made["generation"], made["observedGeneration"]], ["1", "1"]);
    assert.deepEqual([made["ingress"], made["urls"], made["launchStage"]], ["INGRESS_TRAFFIC_NONE", undefined, "GA"]);
    const [status] = made["containerStatuses"] as Body[];
    assert.match(String(status!["imageDigest"]), /@sha256:a{64}$/);
    assert.match(String(made["logUri"]), /cloud_run_instance/);
    const spec = booted.serving.specs.get(nameOf("plain"))!;
    const { port, contractEnv, monitoredResource, minInstances, maxInstances, logLabels, containers } = spec;
    assert.deepEqual([port, minInstances, maxInstances], [undefined, 1, 1]);
    assert.deepEqual([contractEnv, logLabels], [{ CLOUD_RUN_INSTANCE: "plain" }, { team: "red" }]);
    const labels = { project_id: "demo", location: "us-central1", instance_name: "plain" };
    assert.deepEqual(monitoredResource, { type: "cloud_run_instance", labels });
    assert.equal(containers[0].image, status!["imageDigest"]);
  });

  test("it is stopped and started, and requests reach it only while it runs", async () => {
    const made = await create("web", instance(ANSWERING, { invokerIamDisabled: true }, WITH_PORT));
    const [byNumber, byHash] = made["urls"] as string[];
    assert.match(byNumber!, /^https:\/\/web-\d+\.us-central1\.run\.app$/);
    assert.equal(await booted.serving.get(byHash!), "here");
    const { ingress, invokerIamChecked } = booted.serving.routes.get(nameOf("web"))!;
    assert.deepEqual([ingress, invokerIamChecked], ["all", false]);
    const stopped = await done("POST", `${INSTANCES}/web:stop`, {});
    assert.deepEqual(
      [condition(stopped)["state"], condition(stopped)["severity"], condition(stopped)["message"]],
      ["CONDITION_FAILED", "INFO", "Instance stopped."],
    );
    assert.deepEqual([stopped["generation"], stopped["observedGeneration"]], ["2", "2"]);
    assert.equal(await booted.serving.get(byHash!), undefined);
    assert.equal(booted.serving.specs.has(nameOf("web")), false);
    const started = await done("POST", `${INSTANCES}/web:start`, {});
    assert.equal(condition(started)["state"], "CONDITION_SUCCEEDED");
    assert.equal(await booted.serving.get(byHash!), "here");
    await done("DELETE", `${INSTANCES}/web`);
    assert.equal((await api("GET", `${INSTANCES}/web`)).status, 404);
    assert.deepEqual(
      [booted.serving.routes.has(nameOf("web")), booted.serving.specs.has(nameOf("web"))],
      [false, false],
    );
  });

  test("one that ends with code 0 stays ended until it is started", async () => {
    const made = await create("ends", instance(ENDING, {}, WITH_PORT));
    const [url] = made["urls"] as string[];
    await booted.serving.get(url!);
    const ended = await until(async () => {
      const shown = await read("ends");
      return condition(shown)["state"] === "CONDITION_FAILED" && shown["reconciling"] === undefined && shown;
    });
    assert.equal(condition(ended)["message"], "Instance stopped.");
    assert.equal(await booted.serving.get(url!), undefined);
    assert.equal(condition(await done("POST", `${INSTANCES}/ends:start`, {}))["state"], "CONDITION_SUCCEEDED");
    assert.equal(await booted.serving.get(url!), "bye");
  });

  test("one that does not start says why, and is not tried again by itself", async () => {
    const operation = await booted.wait(await api("POST", `${INSTANCES}?instanceId=fails`, instance(CRASHING)));
    const { code, message } = operation["error"] as { code: number; message: string };
    assert.equal(code, 9);
    assert.match(message, /^The user-provided container failed to start\..*Error: no such module/s);
    const shown = await read("fails");
    assert.deepEqual([condition(shown)["state"], shown["observedGeneration"]], ["CONDITION_FAILED", undefined]);
    assert.equal(booted.serving.specs.has(nameOf("fails")), false);
    const missing = instance(ANSWERING, {}, { image: "us-central1-docker.pkg.dev/demo/images/missing" });
    const lost = await booted.wait(await api("POST", `${INSTANCES}?instanceId=lost`, missing));
    assert.match((lost["error"] as { message: string }).message, /^Image '.*missing' not found/);
  });

  test("validateOnly, etags and lists are heeded; names are shared with services", async () => {
    const planned = await api("POST", `${INSTANCES}?instanceId=only&validateOnly=true`, instance(ANSWERING));
    assert.equal(planned.body["done"], true);
    await refused("GET", `${INSTANCES}/only`, undefined, 404, /^Resource 'only' of kind 'INSTANCE' in region/);
    await refused("POST", `${INSTANCES}/only:stop`, {}, 404, /does not exist/);
    const made = await create("only", instance(ANSWERING));
    await refused("POST", `${INSTANCES}?instanceId=only`, instance(ANSWERING), 409, /already exists/);
    await refused("POST", `/run/v2/${PARENT}/services?serviceId=only`, serviceAnswering("x"), 409, /already exists/);
    await booted.wait(await api("POST", `/run/v2/${PARENT}/services?serviceId=taken`, serviceAnswering("x")));
    await refused("POST", `${INSTANCES}?instanceId=taken`, instance(ANSWERING), 409, /already exists/);
    await refused("POST", `${INSTANCES}/only:stop`, { etag: '"old"' }, 409, /etag/);
    assert.equal((await api("POST", `${INSTANCES}/only:stop`, { validateOnly: true })).body["done"], true);
    assert.equal((await read("only"))["etag"], made["etag"]);
    const { body } = await api("GET", `${INSTANCES}?pageSize=1`);
    assert.equal((body["instances"] as Body[])[0]!["name"], nameOf("only"));
    assert.notEqual(body["nextPageToken"], undefined);
  });

  test("what cannot be is refused by name", async () => {
    const at = `${INSTANCES}?instanceId=bad`;
    await refused("POST", `${INSTANCES}?instanceId=Bad`, instance(ANSWERING), 400, /instance_id: only lowercase/);
    await refused("POST", at, { containers: [] }, 400, /instance\.containers/);
    await refused("POST", at, instance(ANSWERING, { iapEnabled: true }), 400, /instance\.iap_enabled is not supported/);
    await refused(
      "POST",
      at,
      instance(ANSWERING, { ingress: "INGRESS_TRAFFIC_ALL" }),
      400,
      /instance\.ingress: needs a container/,
    );
    await refused("POST", at, instance(ANSWERING, {}, { resources: { limits: { cpu: "0.5" } } }), 400, /Total cpu < 1/);
    await refused(
      "POST",
      at,
      instance(ANSWERING, { nodeSelector: { accelerator: "l4" } }),
      400,
      /node_selector is not/,
    );
  });
});

test("after a restart instances run again, and those that were stopped do not", async () => {
  const first = await bootRun({ keepData: true });
  const post = (path: string, body: Body) => first.api.json("POST", `${INSTANCES}${path}`, body);
  const { response } = await first.wait(await post("?instanceId=runs", instance(ANSWERING, {}, WITH_PORT)));
  await first.wait(await post("?instanceId=rests", instance(ANSWERING)));
  await first.wait(await post("/rests:stop", {}));
  const { dataDir } = first.api;
  await first[Symbol.asyncDispose]();

  await using second = await bootRun({ dataDir });
  assert.equal(await second.serving.get(((response as Body)["urls"] as string[])[0]!), "here");
  assert.equal(second.serving.specs.has(nameOf("rests")), false);
});
