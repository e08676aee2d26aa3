import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { type BootedApi, bootApi } from "../../../tests/support/boot-api.ts";
import { file_google_rpc_status, StatusSchema } from "../../gen/google/rpc/status_pb.js";
import { ApiError } from "../errors.ts";
import { Code } from "../../gen/google/rpc/code_pb.js";
import { create } from "@bufbuild/protobuf";

const LOCATION = "projects/demo/locations/us-central1";

describe("long-running operations", () => {
  let api: BootedApi;
  before(async () => {
    api = await bootApi(() => [
      { name: "example", services: [], rpcs: [], anyTypes: [file_google_rpc_status], mixinVersions: ["v1"] },
    ]);
  });
  after(() => api[Symbol.asyncDispose]());

  async function start(id: string): Promise<string> {
    const { store, operations } = api.api.deps;
    const name = `${LOCATION}/operations/${id}`;
    const metadata = { message: "begun" };
    const operation = {
      name,
      service: "example",
      target: `${LOCATION}/things/${id}`,
      metadataSchema: StatusSchema,
      metadata,
    };
    await store.transact((transaction) => operations.create(transaction, operation));
    return name;
  }

  async function succeed(name: string): Promise<void> {
    const { store, operations } = api.api.deps;
    const response = create(StatusSchema, { message: "finished" });
    await store.transact((transaction) => operations.succeed(transaction, name, StatusSchema, response));
  }

  test("answer with metadata at first, and with the response when they are done", async () => {
    const name = await start("succeeds");
    const begun = await api.json("GET", `/example/v1/${name}`);
    assert.deepEqual(begun.body["metadata"], { "@type": "type.googleapis.com/google.rpc.Status", message: "begun" });
    assert.equal(begun.body["done"], undefined);
    await succeed(name);
    const done = await api.json("GET", `/example/v1/${name}`);
    assert.equal(done.body["done"], true);
    assert.equal((done.body["response"] as { message: string }).message, "finished");
  });

  test("a second look at an unchanged operation is answered when it changes", async () => {
    const name = await start("held");
    await api.json("GET", `/example/v1/${name}`);
    const held = api.json("GET", `/example/v1/${name}`);
    await succeed(name);
    assert.equal((await held).body["done"], true);
  });

  test("waiting ends with the operation, or with the given time", async () => {
    const name = await start("waited");
    const short = await api.json("POST", `/example/v1/${name}:wait`, { timeout: "0.05s" });
    assert.equal(short.body["done"], undefined);
    const waiting = api.json("POST", `/example/v1/${name}:wait`, {});
    await succeed(name);
    assert.equal((await waiting).body["done"], true);
  });

  test("a failure carries code and message, and nothing changes a finished operation", async () => {
    const { store, operations } = api.api.deps;
    const name = await start("fails");
    const error = new ApiError(Code.FAILED_PRECONDITION, "it cannot be done");
    await store.transact((transaction) => operations.fail(transaction, name, error));
    await succeed(name);
    const { body } = await api.json("GET", `/example/v1/${name}`);
    assert.deepEqual(body["error"], { code: 9, message: "it cannot be done" });
    assert.equal(body["response"], undefined);
  });

  test("are listed by location in pages, deleted, and unknown ones are NOT_FOUND", async () => {
    await start("z-last");
    const first = await api.json("GET", `/example/v1/${LOCATION}/operations?pageSize=2`);
    assert.equal((first.body["operations"] as unknown[]).length, 2);
    assert.notEqual(first.body["nextPageToken"], undefined);
    assert.equal((await api.json("DELETE", `/example/v1/${LOCATION}/operations/z-last`)).status, 200);
    const gone = await api.json("GET", `/example/v1/${LOCATION}/operations/z-last`);
    assert.equal(gone.status, 404);
    assert.equal((gone.body["error"] as { status: string }).status, "NOT_FOUND");
  });

  test("cancelling is UNIMPLEMENTED by name where the service cannot", async () => {
    const name = await start("cancelled");
    const { status, body } = await api.json("POST", `/example/v1/${name}:cancel`, {});
    assert.equal(status, 501);
    assert.match((body["error"] as { message: string }).message, /example\.googleapis\.com/);
  });
});
