import assert from "node:assert/strict";
import { request as httpRequest } from "node:http";
import { createInterface } from "node:readline";
import { after, before, describe, test } from "node:test";
import { type BootedRun, bootRun, IMAGE } from "../testing/boot-run.ts";
import { ANSWERING, PROGRAM } from "../testing/process-serving.ts";
import type { KnativeObject } from "./collection.ts";

const NAMESPACE = "/apis/serving.knative.dev/v1/namespaces/demo";
const TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json";

interface Event {
  readonly type: string;
  readonly object: KnativeObject & Record<string, unknown>;
}

describe("watches, selectors and tables of the Knative surface", () => {
  let booted: BootedRun;
  before(async () => {
    booted = await bootRun();
    for (const name of ["one", "two"]) await create(name, { team: name });
  });
  after(() => booted[Symbol.asyncDispose]());

  const open = (method: string, path: string, body?: object, accept = "application/json") => {
    const content = body ? JSON.stringify(body) : "";
    const headers = { host: "us-central1-run.googleapis.com", accept, "content-length": Buffer.byteLength(content) };
    return httpRequest(`${booted.api.url}${path}`, { method, headers }).end(content);
  };
  const call = (method: string, path: string, body?: object, accept?: string) =>
    new Promise<{ status: number; body: Record<string, unknown> }>((resolve, reject) => {
      const request = open(method, path, body, accept);
      request.on("error", reject);
      request.on("response", (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("end", () => {
          resolve({ status: response.statusCode!, body: JSON.parse(Buffer.concat(chunks).toString()) });
        });
      });
    });
  /** The events of a watch, one after the other; disposing ends it. */
  const watch = async (path: string, accept?: string) => {
    const request = open("GET", path, undefined, accept);
    const [response] = (await new Promise((resolve, reject) => {
      request.on("response", (...all) => resolve(all)).on("error", reject);
    })) as [NodeJS.ReadableStream];
    const lines = createInterface({ input: response })[Symbol.asyncIterator]();
    return {
      next: async () => {
        const { value, done } = await lines.next();
        return done ? undefined : (JSON.parse(value) as Event);
      },
      [Symbol.dispose]: () => void request.destroy(),
    };
  };
  async function create(name: string, labels: Record<string, string>): Promise<void> {
    const env = [{ name: PROGRAM, value: ANSWERING }];
    const template = { spec: { containers: [{ image: IMAGE, env }] } };
    const body = {
      apiVersion: "serving.knative.dev/v1",
      kind: "Service",
      metadata: { name, labels },
      spec: { template },
    };
    assert.equal((await call("POST", `${NAMESPACE}/services`, body)).status, 200);
    await booted.api.api.wakeups.idle();
  }
  const names = async (query: string) => {
    const { status, body } = await call("GET", `${NAMESPACE}/services?${query}`);
    return status === 200 ? (body["items"] as KnativeObject[]).map(({ metadata }) => metadata.name) : status;
  };
  const labelled = (selector: string) => names(`labelSelector=${encodeURIComponent(selector)}`);
  const listVersion = async () =>
    ((await call("GET", `${NAMESPACE}/services`)).body["metadata"] as { resourceVersion: string }).resourceVersion;

  test("lists are selected by labels and fields, and paged", async () => {
    assert.deepEqual(await labelled("team in (one, three)"), ["one"]);
    assert.deepEqual(await labelled("team notin (one),team"), ["two"]);
    assert.deepEqual(await labelled("!team"), []);
    assert.deepEqual(await labelled("team==two"), ["two"]);
    assert.equal(await labelled("team in one"), 400);
    assert.deepEqual(await names("fieldSelector=metadata.name%3Dtwo,metadata.namespace%3Ddemo"), ["two"]);
    assert.deepEqual(await names("fieldSelector=metadata.name!%3Dtwo"), ["one"]);
    assert.equal(await names("fieldSelector=spec.x%3Dtwo"), 400);
    const first = await call("GET", `${NAMESPACE}/services?limit=1`);
    const { continue: token } = first.body["metadata"] as { continue: string };
    assert.deepEqual(await names(`limit=1&continue=${token}`), ["two"]);
  });

  test("revisions come newest first, over pages too", async () => {
    const owners = async (query: string) => {
      const { items, metadata } = (await call("GET", `${NAMESPACE}/revisions?${query}`)).body as {
        items: KnativeObject[];
        metadata: { continue?: string };
      };
      return { services: items.map((each) => each.metadata.name!.slice(0, 3)), token: metadata.continue };
    };
    assert.deepEqual((await owners("")).services, ["two", "one"]);
    const first = await owners("limit=1");
    assert.deepEqual(first.services, ["two"]);
    assert.deepEqual(await owners(`limit=1&continue=${first.token}`), { services: ["one"], token: undefined });
  });

  test("a watch tells what is there, what comes, changes and goes", async () => {
    using services = await watch(`${NAMESPACE}/services?watch=true&labelSelector=team`);
    const there = [await services.next(), await services.next()];
    assert.deepEqual(
      there.map((event) => [event?.type, event?.object.metadata.name]),
      [
        ["ADDED", "one"],
        ["ADDED", "two"],
      ],
    );
    await create("three", { team: "three" });
    const added = await services.next();
    assert.deepEqual([added?.type, added?.object.kind, added?.object.metadata.name], ["ADDED", "Service", "three"]);
    assert.equal((await call("DELETE", `${NAMESPACE}/services/three`)).status, 200);
    let last: Event | undefined;
    do last = await services.next();
    while (last?.type === "MODIFIED");
    assert.deepEqual([last?.type, last?.object.metadata.name], ["DELETED", "three"]);
  });

  test("a watch goes on after the version of a list or an object, with what selectors let through", async () => {
    const version = await listVersion();
    const path = (plural: string, query: string) =>
      `${NAMESPACE}/${plural}?watch=1&resourceVersion=${version}&timeoutSeconds=20&${query}`;
    using routes = await watch(path("routes", "fieldSelector=metadata.name%3Done"));
    using others = await watch(path("services", "labelSelector=team%3Done"));
    const { body } = await call("GET", `${NAMESPACE}/services/one`);
    const changed = body as unknown as { metadata: { labels: Record<string, string>; resourceVersion: string } };
    changed.metadata.labels["team"] = "other";
    assert.equal((await call("PUT", `${NAMESPACE}/services/one`, changed)).status, 200);
    const event = await routes.next();
    assert.deepEqual([event?.type, event?.object.kind], ["MODIFIED", "Route"]);
    assert.notEqual(event?.object.metadata.resourceVersion, changed.metadata.resourceVersion);
    assert.equal((await others.next())?.type, "DELETED", "it is not selected any more");
    assert.equal((await call("PUT", `${NAMESPACE}/services/one`, changed)).status, 409);
  });

  test("bookmarks come at the end of a watch, and after the first events where they are asked for", async () => {
    const query = "watch=true&allowWatchBookmarks=true&timeoutSeconds=1";
    using revisions = await watch(`${NAMESPACE}/revisions?${query}&sendInitialEvents=true&labelSelector=none`);
    const first = await revisions.next();
    assert.equal(first?.type, "BOOKMARK");
    assert.equal(first?.object.metadata.annotations?.["k8s.io/initial-events-end"], "true");
    const last = await revisions.next();
    assert.deepEqual([last?.type, last?.object.kind], ["BOOKMARK", "Revision"]);
    assert.equal(await revisions.next(), undefined);
  });

  test("a version that is not known any more is 410 in the stream, and none at all 400", async () => {
    using services = await watch(`${NAMESPACE}/services?watch=true&resourceVersion=AAAAAAAP____`.slice(0, -1));
    const event = await services.next();
    assert.equal(event?.type, "ERROR");
    assert.deepEqual([event?.object["code"], event?.object["reason"]], [410, "Expired"]);
    assert.equal((await call("GET", `${NAMESPACE}/services?watch=true&resourceVersion=12`)).status, 400);
  });

  test("kubectl gets tables of Knative's columns and finds the kinds", async () => {
    const { body: table } = await call(
      "GET",
      `${NAMESPACE}/services?fieldSelector=metadata.name%3Dtwo`,
      undefined,
      TABLE,
    );
    assert.equal(table["kind"], "Table");
    const columns = (table["columnDefinitions"] as { name: string }[]).map(({ name }) => name);
    assert.deepEqual(columns, ["Name", "URL", "LatestCreated", "LatestReady", "Ready", "Reason"]);
    const [row] = table["rows"] as { cells: string[]; object: KnativeObject }[];
    assert.equal(row!.cells[0], "two");
    assert.equal(row!.cells[4], "True");
    assert.equal(row!.object.kind, "PartialObjectMetadata");
    const { body: kinds } = await call("GET", "/apis/serving.knative.dev/v1");
    const found = (kinds["resources"] as { name: string }[]).map(({ name }) => name);
    assert.deepEqual(found, ["services", "revisions", "configurations", "routes"]);
  });

  test("a deletion minds preconditions and dryRun", async () => {
    const path = `${NAMESPACE}/services/two`;
    const refused = await call("DELETE", path, { preconditions: { uid: "another" } });
    assert.equal(refused.status, 409);
    assert.match(
      JSON.stringify(refused.body),
      /Precondition failed: UID in precondition: another, UID in object meta: /,
    );
    const tried = await call("DELETE", path, {
      kind: "DeleteOptions",
      propagationPolicy: "Foreground",
      dryRun: ["All"],
    });
    assert.deepEqual([tried.status, tried.body["kind"], tried.body["status"]], [200, "Status", "Success"]);
    assert.equal((await call("GET", path)).status, 200);
    assert.equal((await call("DELETE", path, { propagation: "x" })).status, 400);
  });

  test("configurations, routes and revisions are parts of their service, and not written to", async () => {
    const owners = async (plural: string) => {
      const { body } = await call("GET", `${NAMESPACE}/${plural}?labelSelector=serving.knative.dev/service%3Dtwo`);
      const [item] = body["items"] as KnativeObject[];
      return item!.metadata;
    };
    const { body: service } = await call("GET", `${NAMESPACE}/services/two`);
    const { uid } = (service as unknown as KnativeObject).metadata;
    const [configuration, route, revision] = await Promise.all(["configurations", "routes", "revisions"].map(owners));
    assert.equal((configuration!.ownerReferences![0] as { uid: string }).uid, uid);
    assert.equal((route!.ownerReferences![0] as { uid: string }).uid, uid);
    assert.equal((revision!.ownerReferences![0] as { uid: string }).uid, configuration!.uid);
    assert.equal(revision!.labels!["serving.knative.dev/serviceUid"], uid);
    for (const [method, plural] of [
      ["POST", "routes"],
      ["PUT", "configurations/two"],
      ["PATCH", "services/two"],
    ] as const) {
      const refused = await call(method, `${NAMESPACE}/${plural}`, {});
      assert.equal(refused.status, 501);
      assert.match(JSON.stringify(refused.body), /The method \w+\.\w+ of run\.googleapis\.com\/v1 is not supported/);
    }
    const domains = await call("GET", "/apis/domains.cloudrun.com/v1/namespaces/demo/domainmappings");
    assert.equal(domains.status, 400);
    assert.match(JSON.stringify(domains.body), /Domain mapping is not supported by homerun/);
  });
});
