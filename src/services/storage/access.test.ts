import assert from "node:assert/strict";
import { test } from "node:test";
import { bootApi } from "../../../tests/support/boot-api.ts";
import { storage } from "./module.ts";

test("a caller without identity gets only what a bucket's policy opens to allUsers", async () => {
  await using api = await bootApi((deps) => [storage({ ...deps, publicKeysOf: async () => [] })]);
  await api.json("POST", "/storage/v1/b?project=demo", { name: "things" });
  await fetch(`${api.url}/things/x`, { method: "PUT", body: "public" });
  const ask = (path: string, method = "GET") => {
    const request = new Request(`https://storage.googleapis.com${path}`, { method });
    return api.api.deps.fetchInProcess(request, { kind: "anonymous" });
  };
  const closed = await ask("/things/x");
  assert.equal(closed.status, 401);
  assert.match(await closed.text(), /<Code>AccessDenied<.*does not have storage\.objects\.get access/);
  assert.equal((await ask("/storage/v1/b/things/o/x?alt=media")).status, 401);

  const bindings = [{ role: "roles/storage.objectViewer", members: ["allUsers"] }];
  await api.json("PUT", "/storage/v1/b/things/iam", { bindings });
  assert.equal(await (await ask("/things/x")).text(), "public");
  assert.equal(await (await ask("/storage/v1/b/things/o/x?alt=media")).text(), "public");
  assert.equal((await ask("/storage/v1/b/things/o")).status, 200);
  assert.equal((await ask("/things/x", "DELETE")).status, 401);
  assert.equal((await ask("/storage/v1/b?project=demo")).status, 401);

  const iamConfiguration = { publicAccessPrevention: "enforced" };
  await api.json("PATCH", "/storage/v1/b/things", { iamConfiguration });
  assert.equal((await ask("/things/x")).status, 401);
});
