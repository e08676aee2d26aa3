import assert from "node:assert/strict";
import { request as httpRequest } from "node:http";
import { after, before, describe, test } from "node:test";
import { type BootedRun, bootRun, IMAGE } from "../testing/boot-run.ts";
import { ANSWERING, CRASHING, PROGRAM } from "../testing/process-serving.ts";
import type { KnativeCondition, KnativeService } from "./knative.ts";

const HOST = "us-central1-run.googleapis.com";
const SERVICES = "/apis/serving.knative.dev/v1/namespaces/demo/services";

interface Answer {
  status: number;
  body: Record<string, unknown>;
}
type Status = { conditions: KnativeCondition[]; url: string; traffic: Record<string, unknown>[] } & Record<
  string,
  unknown
>;

describe("the Knative surface", () => {
  let booted: BootedRun;
  before(async () => {
    booted = await bootRun();
  });
  after(() => booted[Symbol.asyncDispose]());

  /** Sends a request as a client that uses Google's host names, which fetch cannot. */
  const call = (method: string, path: string, body?: unknown, host = HOST): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const request = httpRequest(`${booted.api.url}${path}`, { method, headers: { host } }, (response) => {
        let text = "";
        response.on("data", (chunk: Buffer) => (text += chunk.toString("utf8")));
        response.on("end", () => resolve({ status: response.statusCode!, body: JSON.parse(text) as Answer["body"] }));
      });
      request.on("error", reject);
      request.end(body === undefined ? "" : JSON.stringify(body));
    });

  const wait = async (answer: Answer): Promise<Record<string, unknown>> => {
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    const { annotations } = (answer.body as unknown as KnativeService).metadata;
    const id = annotations!["run.googleapis.com/operation-id"];
    const path = `/v1/projects/demo/locations/us-central1/operations/${id}:wait`;
    const waited = await call("POST", path, { timeout: "30s" });
    assert.equal(waited.body["done"], true);
    return waited.body;
  };
  const ready = async (answer: Answer) => (await wait(answer))["response"] as KnativeService & { status: Status };
  const bodyOf = (name: string, answer: string, program = ANSWERING): KnativeService => ({
    apiVersion: "serving.knative.dev/v1",
    kind: "Service",
    metadata: { name, namespace: "demo" },
    spec: {
      template: {
        metadata: { labels: { "client.knative.dev/nonce": "abc" } },
        spec: {
          containers: [
            {
              image: IMAGE,
              env: [
                { name: PROGRAM, value: program },
                { name: "ANSWER", value: answer },
              ],
            },
          ],
        },
      },
    },
  });

  test("a service is created, becomes ready and serves", async () => {
    const service = await ready(await call("POST", SERVICES, bodyOf("hello", "hi")));
    assert.equal(
      (service as unknown as Record<string, unknown>)["@type"],
      "type.googleapis.com/google.cloud.run.v1.Service",
    );
    const statuses = service.status.conditions.map(({ type, status }) => [type, status]);
    assert.deepEqual(statuses, [
      ["Ready", "True"],
      ["ConfigurationsReady", "True"],
      ["RoutesReady", "True"],
    ]);
    assert.equal(service.status["observedGeneration"], service.metadata.generation);
    assert.match(service.metadata.namespace!, /^\d{12}$/);
    assert.equal(service.metadata.labels!["cloud.googleapis.com/location"], "us-central1");
    assert.equal(await booted.serving.get(service.status.url), "hi");
    const urls = JSON.parse(service.metadata.annotations!["run.googleapis.com/urls"]!) as string[];
    assert.equal(urls.at(-1), service.status.url);
  });

  test("the answer of a read can be put back, with a change", async () => {
    await ready(await call("POST", SERVICES, bodyOf("again", "one")));
    const read = (await call("GET", `${SERVICES}/again`)).body as unknown as KnativeService;
    read.spec.template.spec!.containers![0]!.env![1]!.value = "two";
    const changed = await ready(await call("PUT", `${SERVICES}/again`, read));
    assert.equal(changed.metadata.generation, 2);
    assert.equal(await booted.serving.get(changed.status.url), "two");
    const stale = await call("PUT", `${SERVICES}/again`, read);
    assert.equal(stale.status, 409);
    assert.match(JSON.stringify(stale.body), /Conflict for resource 'again': version '/);
  });

  test("namespaces are project ids or numbers, and unknown regions are searched", async () => {
    const { metadata } = await ready(await call("POST", SERVICES, bodyOf("where", "x")));
    const byNumber = await call("GET", `/apis/serving.knative.dev/v1/namespaces/${metadata.namespace}/services/where`);
    assert.equal(byNumber.status, 200);
    const global = await call("GET", `${SERVICES}/where`, undefined, "run.googleapis.com");
    assert.equal(global.status, 200);
    const everywhere = await call("GET", "/v1/projects/demo/locations/-/services", undefined, "run.googleapis.com");
    const names = (everywhere.body["items"] as KnativeService[]).map((each) => each.metadata.name);
    assert.ok(names.includes("where"));
    assert.deepEqual(Object.keys(everywhere.body["metadata"] as object), ["resourceVersion"]);
    const multiRegion = "/v1/projects/demo/locations/-/services?fieldSelector=multiRegionOnly";
    assert.deepEqual((await call("GET", multiRegion, undefined, "run.googleapis.com")).body["items"], []);
    const elsewhere = await call("GET", `${SERVICES}/where`, undefined, "europe-west1-run.googleapis.com");
    assert.equal(elsewhere.status, 404);
  });

  test("creating needs a region", async () => {
    const refused = await call("POST", SERVICES, bodyOf("nowhere", "x"), "run.googleapis.com");
    assert.equal(refused.status, 400);
    const unknown = await call("POST", SERVICES, bodyOf("nowhere", "x"), "us-nowhere1-run.googleapis.com");
    assert.match(JSON.stringify(unknown.body), /"Location 'us-nowhere1' is not a valid region\."/);
    const regions = bodyOf("several", "x");
    regions.metadata.annotations = { "run.googleapis.com/regions": "us-central1,us-east1" };
    const several = await call("POST", SERVICES, regions, "run.googleapis.com");
    assert.match(JSON.stringify(several.body), /run\.googleapis\.com\/regions\] is not supported by homerun/);
    const body = bodyOf("labelled", "x");
    body.metadata.labels = { "cloud.googleapis.com/location": "us-central1" };
    assert.equal((await call("POST", SERVICES, body, "run.googleapis.com")).status, 200);
  });

  test("dryRun=all validates and stores nothing", async () => {
    const answer = await call("POST", `${SERVICES}?dryRun=all`, bodyOf("dry", "x"));
    assert.equal(answer.status, 200);
    assert.equal((await call("GET", `${SERVICES}/dry`)).status, 404);
    const invalid = await call("POST", `${SERVICES}?dryRun=all`, bodyOf("Dry", "x"));
    assert.equal(invalid.status, 400);
  });

  test("a failing revision fails the operation and the conditions", async () => {
    const waited = await wait(await call("POST", SERVICES, bodyOf("fails", "x", CRASHING)));
    assert.match((waited["error"] as { message: string }).message, /failed to start and listen on the port/);
    const service = (await call("GET", `${SERVICES}/fails`)).body as { status: Status };
    const [terminal] = service.status.conditions;
    assert.equal(terminal!.status, "False");
    assert.equal(terminal!.reason, "HealthCheckContainerError");
    assert.equal(service.status["observedGeneration"], 1);
  });

  test("faults of a body are told in Google's words and by v1 names", async () => {
    const unknown = { ...bodyOf("faulty", "x"), spec: { template: {}, tempalte: {} } };
    const answer = await call("POST", SERVICES, unknown);
    assert.equal(answer.status, 400);
    const { message } = answer.body["error"] as { message: string };
    assert.equal(
      message,
      `Invalid JSON payload received. Unknown name "tempalte" at 'service.spec': Cannot find field.`,
    );
    for (const [change, said] of [
      [{ apiVersion: "serving.knative.dev/v1alpha1" }, /apiVersion: must be serving\.knative\.dev\/v1\./],
      [{ kind: "Route" }, /kind: must be Service\./],
      [{ metadata: { name: "faulty", namespace: "other" } }, /The namespace of the object \(other\) does not match/],
      [{ metadata: { generateName: "f-" } }, /metadata\.generateName is not supported/],
      [{ metadata: { name: 5 } }, /Invalid value at 'service\.metadata\.name' \(TYPE_STRING\), 5/],
    ] as const) {
      const refused = await call("POST", SERVICES, { ...bodyOf("faulty", "x"), ...change });
      assert.equal(refused.status, 400);
      assert.match(JSON.stringify(refused.body), said);
    }
    assert.equal((await call("POST", SERVICES, null)).status, 400);
    const reserved = bodyOf("faulty", "x");
    reserved.spec.template.spec!.containers![0]!.env!.push({ name: "PORT", value: "1" });
    assert.match(
      JSON.stringify((await call("POST", SERVICES, reserved)).body),
      /spec\.template\.spec\.containers\[0\]\.env: The following reserved env names were provided: PORT\. These values are automatically set by the system\./,
    );
  });

  test("requests of resources are met up to the limit; quantities are compared by value", async () => {
    const body = bodyOf("asking", "x");
    const [container] = body.spec.template.spec!.containers!;
    Object.assign(container!, { imagePullPolicy: "IfNotPresent" });
    container!.resources = { limits: { cpu: "1000m", memory: "1Gi" }, requests: { cpu: "125m", memory: "2Gi" } };
    const refused = await call("POST", SERVICES, body);
    assert.match(JSON.stringify(refused.body), /requests\[memory\]: must be less than or equal to memory limit\./);
    container!.resources.requests = { cpu: "125m", memory: "1024Mi" };
    const { status } = await ready(await call("POST", SERVICES, body));
    const read = (await call("GET", `${SERVICES}/asking`)).body as unknown as KnativeService;
    read.spec.template.spec!.containers![0]!.resources = { limits: { cpu: "1", memory: "1024Mi" } };
    const again = await ready(await call("PUT", `${SERVICES}/asking`, read));
    assert.equal(again.status["latestCreatedRevisionName"], status["latestCreatedRevisionName"]);
  });

  test("what is not supported is refused by name", async () => {
    const volumes = bodyOf("refused", "x") as unknown as { spec: { template: { spec: object } } };
    Object.assign(volumes.spec.template.spec, { volumes: [{ name: "v", nfs: { server: "s", path: "/" } }] });
    assert.match(
      JSON.stringify((await call("POST", SERVICES, volumes)).body),
      /spec\.template\.spec\.volumes\[0\]\.nfs is not supported by homerun/,
    );
    const sql = bodyOf("refused", "x");
    sql.spec.template.metadata!.annotations = { "run.googleapis.com/cloudsql-instances": "a:b:c" };
    assert.match(
      JSON.stringify((await call("POST", SERVICES, sql)).body),
      /spec\.template\.metadata\.annotations\[run\.googleapis\.com\/cloudsql-instances\] is not supported/,
    );
  });

  test("revisions are listed by label, described and deleted by the rules", async () => {
    await ready(await call("POST", SERVICES, bodyOf("revs", "one")));
    const read = (await call("GET", `${SERVICES}/revs`)).body as unknown as KnativeService;
    read.spec.template.spec!.containers![0]!.env![1]!.value = "two";
    await ready(await call("PUT", `${SERVICES}/revs`, read));
    const path = "/apis/serving.knative.dev/v1/namespaces/demo/revisions";
    const selector = encodeURIComponent("serving.knative.dev/service = revs");
    const list = (await call("GET", `${path}?labelSelector=${selector}`)).body;
    assert.deepEqual(Object.keys(list["metadata"] as object), ["resourceVersion"]);
    const items = list["items"] as { metadata: { name: string }; status: Status }[];
    assert.equal(items.length, 2);
    const [old, latest] = items.map(({ metadata }) => metadata.name).sort();
    assert.match(String(items[0]!.status["imageDigest"]), /@sha256:/);
    assert.equal((await call("DELETE", `${path}/${latest}`)).status, 400);
    assert.equal((await call("DELETE", `${path}/${old}`)).status, 200);
    assert.equal((await call("GET", `${path}/${old}`)).status, 404);
  });

  test("IAM policies, configurations, routes, locations and jobs answer", async () => {
    await ready(await call("POST", SERVICES, bodyOf("rest", "x")));
    const service = "/v1/projects/demo/locations/us-central1/services/rest";
    const global = "run.googleapis.com";
    const empty = await call("GET", `${service}:getIamPolicy?options.requestedPolicyVersion=3`, undefined, global);
    assert.deepEqual(empty.body, { etag: "ACAB" });
    const bindings = [{ role: "roles/run.invoker", members: ["allUsers"] }];
    const set = await call("POST", `${service}:setIamPolicy`, { policy: { bindings, etag: "ACAB" } }, global);
    assert.deepEqual([set.body["bindings"], set.body["version"]], [bindings, 1]);
    const permissions = ["run.services.setIamPolicy"];
    const held = await call("POST", `${service}:testIamPermissions`, { permissions });
    assert.deepEqual(held.body, { permissions });
    const beforehand = await call("POST", `${service}-to-be:testIamPermissions`, { permissions });
    assert.deepEqual(beforehand.body, { permissions }, "gcloud asks before it creates a service");
    const namespace = "/apis/serving.knative.dev/v1/namespaces/demo";
    assert.equal((await call("GET", `${namespace}/configurations/rest`)).body["kind"], "Configuration");
    assert.equal((await call("GET", `${namespace}/routes/rest`)).body["kind"], "Route");
    const locations = await call("GET", "/v1/projects/demo/locations", undefined, global);
    assert.ok((locations.body["locations"] as unknown[]).length > 20);
    const jobs = "/apis/run.googleapis.com/v1/namespaces/demo/jobs";
    assert.deepEqual((await call("GET", jobs)).body["items"], []);
  });

  test("deleting answers, and then the service is gone", async () => {
    await ready(await call("POST", SERVICES, bodyOf("bye", "x")));
    assert.equal((await call("DELETE", `${SERVICES}/bye`)).status, 200);
    await booted.api.api.wakeups.idle();
    assert.equal((await call("GET", `${SERVICES}/bye`)).status, 404);
  });
});
