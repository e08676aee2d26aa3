import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { type BootedApi, bootApi } from "../../../tests/support/boot-api.ts";
import { serviceusage } from "./module.ts";

describe("serviceusage", () => {
  let api: BootedApi;
  before(async () => {
    api = await bootApi((deps) => [
      serviceusage({ ...deps, servedApis: () => ["cloudfunctions.googleapis.com", "run.googleapis.com"] }),
    ]);
  });
  after(() => api[Symbol.asyncDispose]());

  test("a served API is ENABLED, another one DISABLED", async () => {
    const served = await api.json("GET", "/v1/projects/demo/services/run.googleapis.com");
    assert.equal(served.body["state"], "ENABLED");
    const other = await api.json("GET", "/v1/projects/demo/services/compute.googleapis.com");
    assert.equal(other.body["state"], "DISABLED");
  });

  test("enabling answers a finished operation, or FAILED_PRECONDITION for what is not served", async () => {
    const enabled = await api.json("POST", "/v1/projects/demo/services:batchEnable", {
      serviceIds: ["run.googleapis.com"],
    });
    assert.equal(enabled.body["done"], true);
    const refused = await api.json("POST", "/v1/projects/demo/services/compute.googleapis.com:enable", {});
    assert.equal(refused.status, 400);
    assert.equal((refused.body["error"] as { status: string }).status, "FAILED_PRECONDITION");
  });

  test("lists are paged with opaque tokens bound to their request", async () => {
    const first = await api.json("GET", "/v1/projects/demo/services?pageSize=1");
    assert.equal((first.body["services"] as unknown[]).length, 1);
    const token = String(first.body["nextPageToken"]);
    const second = await api.json("GET", `/v1/projects/demo/services?pageSize=1&pageToken=${token}`);
    assert.equal((second.body["services"] as unknown[]).length, 1);
    assert.equal(second.body["nextPageToken"], undefined);
    const foreign = await api.json("GET", `/v1/projects/other/services?pageToken=${token}`);
    assert.equal(foreign.status, 400);
  });
});
