import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { mountForTest } from "./testing/mount-for-test.ts";

const OBJECT = { name: "given", size: "5", generation: "1", updated: "2026-01-01T00:00:00Z" };

/** Cloud Storage that has one object, and refuses everything else with a status. */
async function refusingStorage() {
  const state = { status: 403, reads: "whole" as "whole" | "cut" };
  const server = createServer((request, response) => {
    request.resume();
    const { pathname, searchParams } = new URL(request.url ?? "", "http://localhost");
    if (pathname.endsWith("/o") && request.method === "GET") return response.end(JSON.stringify({ items: [] }));
    if (pathname.endsWith("/o/given") && request.method === "GET") {
      if (searchParams.get("alt") !== "media") return response.end(JSON.stringify(OBJECT));
      if (state.reads === "whole") return response.end("hello");
      response.writeHead(206, { "content-length": "5" }).write("he");
      return setImmediate(() => response.destroy());
    }
    if (request.method === "GET") return response.writeHead(404).end("{}");
    return response.writeHead(state.status).end(JSON.stringify({ error: { message: "refused" } }));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    state,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.dispose]() {
      server.closeAllConnections();
      server.close();
    },
  };
}

test("what Cloud Storage refuses is an error of the call that needs it, and nothing else", async () => {
  using storage = await refusingStorage();
  const bucket = { kind: "bucket", name: "b", bucket: "things", readOnly: false, mountOptions: [] } as const;
  await using volume = await mountForTest(bucket, { storageUrl: () => storage.url });
  assert.equal(await volume.sh("cat given"), "hello");
  assert.match(await volume.sh("echo x | dd of=new"), /dd: closing output file 'new': Permission denied/);
  assert.match(await volume.sh("rm given; mkdir d; mv given other"), /(Permission denied[^]*){3}/);
  storage.state.status = 400;
  assert.match(await volume.sh("rm given; touch given"), /(Input\/output error[^]*){2}/);
  storage.state.status = 412;
  assert.match(await volume.sh("mkdir d"), /File exists/);
  assert.equal(await volume.sh("cat given"), "hello");
});

test("content that ends early is a read error, and is read anew", async () => {
  using storage = await refusingStorage();
  const bucket = { kind: "bucket", name: "b", bucket: "things", readOnly: true, mountOptions: [] } as const;
  await using volume = await mountForTest(bucket, { storageUrl: () => storage.url });
  storage.state.reads = "cut";
  assert.match(await volume.sh("cat given"), /Input\/output error/);
  storage.state.reads = "whole";
  assert.equal(await volume.sh("cat given"), "hello");
});
