import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { bootBuildCalls, buildIn, type Json, messageOf } from "../../../../tests/support/build-calls.ts";
import { until } from "../../../../tests/support/until.ts";
import { machineNamed } from "./machine-type.ts";

const PARENT = "projects/demo/locations/us-central1";
const POOL = `${PARENT}/workerPools/fast`;
const GIB = 1024 ** 3;
const steps = [
  { name: "gcr.io/k8s-skaffold/pack", args: ["build", "us-central1-docker.pkg.dev/demo/r/a", "--publish"] },
];
const inPool = (name: string, more: Json = {}): Json => ({ steps, options: { pool: { name }, ...more } });

describe("worker pools", () => {
  test("are created, read, listed, updated by mask and etag, and deleted", async () => {
    await using booted = await bootBuildCalls();
    const { call } = booted;
    const config = { privatePoolV1Config: { workerConfig: { machineType: "e2-medium" } } };
    const operation = await call("POST", `${PARENT}/workerPools?workerPoolId=fast`, { displayName: "Fast", ...config });
    assert.equal(operation["done"], true);
    const metadata = operation["metadata"] as Json;
    assert.equal(metadata["workerPool"], POOL);
    assert.match(String(metadata["@type"]), /CreateWorkerPoolOperationMetadata$/);
    assert.deepEqual(await call("GET", operation["name"] as string), operation);
    const pool = await call("GET", POOL);
    assert.deepEqual({ ...(operation["response"] as Json), "@type": undefined }, { ...pool, "@type": undefined });
    assert.deepEqual([pool["name"], pool["state"], pool["displayName"]], [POOL, "RUNNING", "Fast"]);
    assert.deepEqual(pool["privatePoolV1Config"], { workerConfig: { machineType: "e2-medium", diskSizeGb: "100" } });
    assert.match(String(pool["etag"]), /^".+"$/);
    await call("POST", `${PARENT}/workerPools?workerPoolId=fast`, {}, 409);
    await call("POST", `${PARENT}/workerPools?workerPoolId=other`, {});
    const first = await call("GET", `${PARENT}/workerPools?pageSize=1`);
    const second = await call("GET", `${PARENT}/workerPools?pageSize=1&pageToken=${first["nextPageToken"] as string}`);
    assert.deepEqual((first["workerPools"] as Json[])[0], pool);
    assert.equal((second["workerPools"] as Json[])[0]!["name"], `${PARENT}/workerPools/other`);
    const mask = "updateMask=privatePoolV1Config.workerConfig.diskSizeGb";
    const patch = { displayName: "ignored", privatePoolV1Config: { workerConfig: { diskSizeGb: 200 } } };
    const patched = (await call("PATCH", `${POOL}?${mask}`, patch))["response"] as Json;
    const workerConfig = { machineType: "e2-medium", diskSizeGb: "200" };
    assert.deepEqual([patched["privatePoolV1Config"], patched["displayName"]], [{ workerConfig }, "Fast"]);
    assert.notEqual(patched["etag"], pool["etag"]);
    await call("DELETE", `${POOL}?etag=${encodeURIComponent(pool["etag"] as string)}`, undefined, 409);
    await call("DELETE", `${POOL}?validateOnly=true`);
    const deleted = await call("DELETE", `${POOL}?etag=${encodeURIComponent(patched["etag"] as string)}`);
    assert.equal(deleted["done"], true);
    await call("GET", POOL, undefined, 404);
    await call("DELETE", POOL, undefined, 404);
    await call("DELETE", `${POOL}?allowMissing=true`);
  });

  test("what is not supported is named, what is wrong is explained", async () => {
    await using booted = await bootBuildCalls();
    const refuse = async (config: Json, id = "fast") =>
      messageOf(
        await booted.call("POST", `${PARENT}/workerPools?workerPoolId=${id}`, { privatePoolV1Config: config }, 400),
      );
    assert.match(await refuse({}, "Bad_Id"), /^invalid worker pool ID "Bad_Id"$/);
    assert.match(await refuse({ workerConfig: { machineType: "huge" } }), /invalid machine type "huge"/);
    assert.match(await refuse({ workerConfig: { diskSizeGb: 5000 } }), /at most 4000/);
    assert.match(await refuse({ workerConfig: { enableNestedVirtualization: true } }), /is not supported by homerun/);
    assert.match(await refuse({ networkConfig: { peeredNetwork: "x" } }), /invalid network "x"/);
    assert.match(await refuse({ networkConfig: { egressOption: "NO_PUBLIC_EGRESS" } }), /NO_PUBLIC_EGRESS is not supp/);
    assert.match(await refuse({ privateServiceConnect: {} }), /private_service_connect is not supported/);
  });

  test("bound the builds that name them, and end them when they are deleted", async () => {
    await using booted = await bootBuildCalls();
    const { api, builder, built, call } = booted;
    const refuse = async (build: Json) => messageOf(await call("POST", `${PARENT}/builds`, build, 400));
    assert.match(await refuse(inPool(POOL)), /worker pool ".*\/fast" does not exist/);
    const config = { privatePoolV1Config: { workerConfig: { machineType: "e2-medium" } } };
    await call("POST", `${PARENT}/workerPools?workerPoolId=fast`, config);
    assert.match(await refuse(inPool(POOL, { machineType: "E2_HIGHCPU_8" })), /are the pool's/);
    assert.match(await refuse(inPool("fast")), /invalid worker pool name "fast"/);
    const elsewhere = await call("POST", "projects/demo/builds", inPool(POOL), 400);
    assert.match(messageOf(elsewhere), /in another region than the build/);
    const build = await built(await call("POST", `${PARENT}/builds`, inPool(POOL.replace("demo", "$PROJECT_NUMBER"))));
    assert.equal(build["status"], "SUCCESS");
    assert.deepEqual(builder.requests[0]!.machine, { cpus: 1, memoryBytes: 4 * GIB });
    builder.behave = ({ signal }) =>
      new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason as Error)));
    const running = await call("POST", `${PARENT}/builds`, inPool(POOL));
    const waiting = await call("POST", `${PARENT}/builds`, inPool(POOL));
    await until(async () => builder.requests.length === 2);
    await call("DELETE", POOL);
    for (const operation of [running, waiting]) assert.equal((await built(operation))["status"], "CANCELLED");
    const path = `/cloudbuild/v1/${PARENT}/builds/${buildIn(running)["id"] as string}`;
    assert.equal((await api.json("GET", path)).body["statusDetail"], "the worker pool was deleted");
  });

  test("have the machines of their types, within the host", () => {
    const host = { cpus: 16, memoryBytes: 64 * GIB };
    assert.deepEqual(machineNamed("e2-standard-4", host), { cpus: 4, memoryBytes: 16 * GIB });
    assert.deepEqual(machineNamed("n1-highcpu-8", host), { cpus: 8, memoryBytes: Math.floor(7.2 * GIB) });
    assert.deepEqual(machineNamed("e2-highmem-32", host), host);
  });
});
