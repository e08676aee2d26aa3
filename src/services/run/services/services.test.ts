import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { type BootedRun, bootRun, PARENT, serviceAnswering } from "../testing/boot-run.ts";
import { CRASHING, SILENT } from "../testing/process-serving.ts";

type Body = Record<string, unknown>;
interface Service extends Body {
  uri: string;
  urls: string[];
  etag: string;
  template: { containers: Body[]; revision?: string };
  terminalCondition: { state: string; message?: string };
  trafficStatuses: Body[];
}

describe("run v2 services", () => {
  let booted: BootedRun;
  before(async () => {
    booted = await bootRun();
  });
  after(() => booted[Symbol.asyncDispose]());

  const create = (id: string, body: object) =>
    booted.api.json("POST", `/run/v2/${PARENT}/services?serviceId=${id}`, body);
  const created = async (id: string, body: object) => {
    const operation = await booted.wait(await create(id, body));
    assert.equal(operation["error"], undefined);
    return operation["response"] as Service;
  };
  const get = async (id: string) => (await booted.api.json("GET", `/run/v2/${PARENT}/services/${id}`)).body as Service;
  const patch = (id: string, body: object, query = "") =>
    booted.api.json("PATCH", `/run/v2/${PARENT}/services/${id}${query}`, body);

  test("a created service serves, with Google's defaults filled in", async () => {
    const service = await created("hello", serviceAnswering("hi"));
    assert.equal(await booted.serving.get(service.uri), "hi");
    assert.equal(await booted.serving.get(service.urls[0]!), "hi");
    assert.match(service.urls[0]!, /^https:\/\/hello-\d{12}\.us-central1\.run\.app$/);
    assert.match(service.uri, /^https:\/\/hello-[a-z2-7]{10}-uc\.a\.run\.app$/);
    assert.equal(service["generation"], "1");
    assert.equal(service["observedGeneration"], "1");
    assert.equal(service["reconciling"], undefined);
    assert.equal(service.terminalCondition.state, "CONDITION_SUCCEEDED");
    assert.match(String(service["latestReadyRevision"]), /\/services\/hello\/revisions\/hello-00001-[a-z0-9]{3}$/);
    assert.deepEqual(service.trafficStatuses, [{ type: "TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST", percent: 100 }]);
    const [container] = service.template.containers;
    assert.deepEqual(container!["ports"], [{ name: "http1", containerPort: 8080 }]);
    assert.deepEqual(container!["resources"], { limits: { cpu: "1000m", memory: "512Mi" }, cpuIdle: true });
    assert.deepEqual(container!["startupProbe"], {
      timeoutSeconds: 240,
      periodSeconds: 240,
      failureThreshold: 1,
      tcpSocket: { port: 8080 },
    });
    const { maxInstanceRequestConcurrency, timeout, scaling, serviceAccount } = service.template as Body;
    assert.deepEqual(
      { maxInstanceRequestConcurrency, timeout, scaling },
      {
        maxInstanceRequestConcurrency: 80,
        timeout: "300s",
        scaling: { maxInstanceCount: 100 },
      },
    );
    assert.match(String(serviceAccount), /^\d{12}-compute@developer\.gserviceaccount\.com$/);
  });

  test("creating what exists is ALREADY_EXISTS", async () => {
    await created("twice", serviceAnswering("one"));
    const again = await create("twice", serviceAnswering("two"));
    assert.equal(again.status, 409);
    assert.equal((again.body["error"] as Body)["message"], "Resource 'twice' already exists.");
  });

  test("an update of the template makes a revision, and requests go to it", async () => {
    const before = await created("update", serviceAnswering("old"));
    const service = (await booted.wait(await patch("update", serviceAnswering("new"), "?updateMask=template")))[
      "response"
    ] as Service;
    assert.equal(await booted.serving.get(service.uri), "new");
    assert.notEqual(service["latestReadyRevision"], before["latestReadyRevision"]);
    assert.match(String(service["latestReadyRevision"]), /update-00002-/);
    assert.equal(booted.serving.specs.has(String(before["latestReadyRevision"])), false, "the old revision is stopped");
  });

  test("an update of labels only keeps the revision", async () => {
    const before = await created("labels", serviceAnswering("x"));
    const answer = await patch("labels", { labels: { team: "a" } }, "?updateMask=labels");
    const service = (await booted.wait(answer))["response"] as Service;
    assert.deepEqual(service["labels"], { team: "a" });
    assert.equal(service["latestReadyRevision"], before["latestReadyRevision"]);
    assert.equal(service["generation"], "2");
  });

  test("a container that ends fails the operation with its log, and the revision before keeps serving", async () => {
    const before = await created("crash", serviceAnswering("still here"));
    const operation = await booted.wait(
      await patch("crash", serviceAnswering("never", CRASHING), "?updateMask=template"),
    );
    const { code, message } = operation["error"] as { code: number; message: string };
    assert.equal(code, 9);
    assert.match(
      message,
      /^Revision 'crash-00002-[a-z0-9]{3}' is not ready and cannot serve traffic\. The user-provided container failed to start and listen on the port defined provided by the PORT=8080 environment variable/,
    );
    assert.match(message, /Error: no such module/);
    assert.match(message, /Logs URL: https:\/\/console\.cloud\.google\.com\/logs\/viewer\?project=demo/);
    const service = await get("crash");
    assert.equal(service.terminalCondition.state, "CONDITION_FAILED");
    assert.equal((service.terminalCondition as Body)["revisionReason"], "HEALTH_CHECK_CONTAINER_ERROR");
    assert.equal(service["latestReadyRevision"], before["latestReadyRevision"]);
    assert.equal(service["observedGeneration"], "1");
    assert.equal(await booted.serving.get(service.uri), "still here");
  });

  test("an image that is not there fails with Google's words", async () => {
    const body = serviceAnswering("x");
    const [container] = body.template["containers"] as Body[];
    container!["image"] = "us-central1-docker.pkg.dev/demo/images/missing";
    const operation = await booted.wait(await create("no-image", body));
    const { code, message } = operation["error"] as { code: number; message: string };
    assert.equal(code, 5);
    assert.match(message, /Image 'us-central1-docker\.pkg\.dev\/demo\/images\/missing' not found\.$/);
  });

  test("a newer intent cuts the wait for an instance that never listens short", async () => {
    const first = await create("stuck", serviceAnswering("never", SILENT));
    const second = await patch("stuck", serviceAnswering("there"), "?updateMask=template");
    const service = (await booted.wait(second))["response"] as Service;
    assert.equal(await booted.serving.get(service.uri), "there");
    assert.equal((await booted.wait(first))["error"], undefined);
  });

  test("deleting works while an instance starts, and forgets everything", async () => {
    const first = await create("gone", serviceAnswering("never", SILENT));
    const deleted = await booted.api.json("DELETE", `/run/v2/${PARENT}/services/gone`);
    const operation = await booted.wait(deleted);
    assert.equal(operation["error"], undefined);
    assert.equal((await booted.wait(first))["error"] !== undefined, true);
    const answer = await booted.api.json("GET", `/run/v2/${PARENT}/services/gone`);
    assert.equal(answer.status, 404);
    assert.equal(
      (answer.body["error"] as Body)["message"],
      "Resource 'gone' of kind 'SERVICE' in region 'us-central1' in project 'demo' does not exist.",
    );
    const revisions = await booted.api.json("GET", `/run/v2/${PARENT}/services/-/revisions?pageSize=1000`);
    const names = (revisions.body["revisions"] as { service: string }[]).map(({ service }) => service);
    assert.equal(names.includes("gone"), false);
    assert.equal(booted.serving.routes.has(`${PARENT}/services/gone`), false);
  });

  test("traffic can be pinned, split and tagged", async () => {
    const one = await created("split", serviceAnswering("one"));
    const firstId = String(one["latestReadyRevision"]).split("/").at(-1)!;
    await booted.wait(await patch("split", serviceAnswering("two"), "?updateMask=template"));
    const traffic = [
      { type: "TRAFFIC_TARGET_ALLOCATION_TYPE_REVISION", revision: firstId, percent: 75, tag: "old" },
      { type: "TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST", percent: 25 },
    ];
    const service = (await booted.wait(await patch("split", { traffic }, "?updateMask=traffic")))[
      "response"
    ] as Service;
    assert.equal(await booted.serving.get(service.uri), "one");
    const tagUri = String(service.trafficStatuses[0]!["uri"]);
    assert.match(tagUri, /^https:\/\/old---split-/);
    assert.equal(await booted.serving.get(tagUri), "one");
    const route = booted.serving.routes.get(`${PARENT}/services/split`)!;
    assert.deepEqual(
      route.traffic.map(({ percent }) => percent),
      [75, 25],
    );
  });

  test("traffic to a revision that does not exist fails and moves nothing", async () => {
    await created("lost", serviceAnswering("here"));
    const traffic = [{ type: "TRAFFIC_TARGET_ALLOCATION_TYPE_REVISION", revision: "lost-none", percent: 100 }];
    const operation = await booted.wait(await patch("lost", { traffic }, "?updateMask=traffic"));
    assert.match(
      String((operation["error"] as Body)["message"]),
      /^Revision 'lost-none' does not exist or is deleted\./,
    );
    assert.equal(await booted.serving.get((await get("lost")).uri), "here");
  });

  test("a stale etag is refused, the current one is not", async () => {
    const { etag } = await created("etag", serviceAnswering("x"));
    const fresh = await patch("etag", { labels: { a: "1" }, etag }, "?updateMask=labels");
    assert.equal(fresh.status, 200);
    const stale = await patch("etag", { labels: { a: "2" }, etag }, "?updateMask=labels");
    assert.equal(stale.status, 409);
  });

  test("validateOnly stores nothing; allowMissing creates", async () => {
    const only = await booted.api.json(
      "POST",
      `/run/v2/${PARENT}/services?serviceId=only&validateOnly=true`,
      serviceAnswering("x"),
    );
    assert.equal(only.body["done"], true);
    assert.equal((await booted.api.json("GET", `/run/v2/${PARENT}/services/only`)).status, 404);
    const answer = await patch("upsert", serviceAnswering("made"), "?allowMissing=true");
    const service = (await booted.wait(answer))["response"] as Service;
    assert.equal(await booted.serving.get(service.uri), "made");
  });

  test("the latest revision and serving ones cannot be deleted, retired ones can", async () => {
    const one = await created("rev", serviceAnswering("one"));
    const old = String(one["latestReadyRevision"]);
    const latest = await booted.api.json("DELETE", `/run/v2/${old}`);
    assert.equal(latest.status, 400);
    assert.match(String((latest.body["error"] as Body)["message"]), /latest created Revision/);
    await booted.wait(await patch("rev", serviceAnswering("two"), "?updateMask=template"));
    const listed = await booted.api.json("GET", `/run/v2/${PARENT}/services/rev/revisions`);
    assert.equal((listed.body["revisions"] as Body[]).length, 2);
    assert.match(String((listed.body["revisions"] as Body[])[0]!["name"]), /rev-00002/);
    const deleted = await booted.wait(await booted.api.json("DELETE", `/run/v2/${old}`));
    assert.equal(deleted["error"], undefined);
    assert.equal((await booted.api.json("GET", `/run/v2/${old}`)).status, 404);
  });

  test("a revision name can be chosen, once", async () => {
    const body = serviceAnswering("x");
    body.template["revision"] = "named-blue";
    const service = await created("named", body);
    assert.match(String(service["latestReadyRevision"]), /\/revisions\/named-blue$/);
    const other = serviceAnswering("y");
    other.template["revision"] = "named-blue";
    const conflict = await patch("named", other, "?updateMask=template");
    assert.equal(conflict.status, 409);
    assert.equal(
      (conflict.body["error"] as Body)["message"],
      "Revision named 'named-blue' with different configuration already exists.",
    );
  });

  test("lists are newest first and paged", async () => {
    const page = await booted.api.json("GET", `/run/v2/${PARENT}/services?pageSize=2`);
    const services = page.body["services"] as Service[];
    assert.equal(services.length, 2);
    assert.ok(String(services[0]!["createTime"]) >= String(services[1]!["createTime"]));
    const token = encodeURIComponent(String(page.body["nextPageToken"]));
    const next = await booted.api.json("GET", `/run/v2/${PARENT}/services?pageSize=2&pageToken=${token}`);
    assert.notEqual((next.body["services"] as Service[])[0]!["name"], services[0]!["name"]);
  });
});
