import assert from "node:assert/strict";
import { mkdtempDisposableSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { randomIds } from "../../platform/ids.ts";
import { digestOf } from "../digest.ts";
import { mediaTypes } from "../media-types.ts";
import type { AuthorizeRegistry } from "./call.ts";
import { denied } from "./errors.ts";
import { createFileStorage } from "./file-storage.ts";
import { createRegistryHandler } from "./handler.ts";

const NAME = "demo/repo/app";
const allowAll: AuthorizeRegistry = () => Promise.resolve();

function open(authorize: AuthorizeRegistry = allowAll) {
  const temp = mkdtempDisposableSync(join(tmpdir(), "registry-"));
  const handler = createRegistryHandler({
    storage: createFileStorage({ folder: temp.path, ids: randomIds }),
    ids: randomIds,
  });
  const send = (method: string, path: string, init: { body?: string; headers?: Record<string, string> } = {}) =>
    handler(new Request(`http://registry${path}`, { method, ...init }), authorize);
  const push = async (content: string, name = NAME): Promise<string> => {
    const digest = digestOf(content);
    assert.equal((await send("POST", `/v2/${name}/blobs/uploads/?digest=${digest}`, { body: content })).status, 201);
    return digest;
  };
  return { send, push, [Symbol.dispose]: () => temp.remove() };
}

async function codeOf(response: Response): Promise<[number, string]> {
  const body = (await response.json()) as { errors: { code: string }[] };
  return [response.status, body.errors[0]!.code];
}

function manifestOf(config: string, layers: readonly string[]): string {
  const descriptor = (content: string, mediaType: string) => ({
    mediaType,
    digest: digestOf(content),
    size: content.length,
  });
  return JSON.stringify({
    schemaVersion: 2,
    mediaType: mediaTypes.manifest,
    config: descriptor(config, mediaTypes.config),
    layers: layers.map((layer) => descriptor(layer, mediaTypes.layer)),
  });
}

test("faults get the codes of the specification", async () => {
  using registry = open();
  const { send, push } = registry;
  const digest = await push("x");
  const absent = digestOf("absent");
  assert.deepEqual(await codeOf(await send("GET", `/v2/${NAME}/blobs/${absent}`)), [404, "BLOB_UNKNOWN"]);
  assert.deepEqual(await codeOf(await send("GET", `/v2/${NAME}/blobs/sha256:1`)), [400, "DIGEST_INVALID"]);
  assert.deepEqual(await codeOf(await send("GET", `/v2/UPPER/blobs/${digest}`)), [400, "NAME_INVALID"]);
  assert.deepEqual(await codeOf(await send("GET", `/v2/${NAME}/manifests/nope`)), [404, "MANIFEST_UNKNOWN"]);
  assert.deepEqual(await codeOf(await send("GET", `/v2/no/body/here/tags/list`)), [404, "NAME_UNKNOWN"]);
  assert.deepEqual(await codeOf(await send("PATCH", `/v2/${NAME}/blobs/uploads/no`)), [404, "BLOB_UPLOAD_UNKNOWN"]);
  assert.deepEqual(await codeOf(await send("PUT", `/v2/${NAME}/blobs/${digest}`)), [405, "UNSUPPORTED"]);
  const wrong = await send("POST", `/v2/${NAME}/blobs/uploads/?digest=${absent}`, { body: "y" });
  assert.deepEqual(await codeOf(wrong), [400, "DIGEST_INVALID"]);
  assert.equal((await send("GET", "/elsewhere")).status, 404);
});

test("a manifest is refused when it is malformed, too large or refers to blobs that are not there", async () => {
  using registry = open();
  const { send, push } = registry;
  const headers = { "content-type": mediaTypes.manifest };
  const put = (body: string, type = mediaTypes.manifest as string) =>
    send("PUT", `/v2/${NAME}/manifests/v1`, { body, headers: { "content-type": type } });
  assert.deepEqual(await codeOf(await put("not json")), [400, "MANIFEST_INVALID"]);
  assert.deepEqual(await codeOf(await put("{}", "text/plain")), [400, "MANIFEST_INVALID"]);
  assert.deepEqual(await codeOf(await put(" ".repeat(5_000_000))), [413, "MANIFEST_INVALID"]);
  assert.deepEqual(await codeOf(await put(manifestOf("{}", ["a"]))), [404, "MANIFEST_BLOB_UNKNOWN"]);
  await push("{}");
  await push("a");
  const manifest = manifestOf("{}", ["a"]);
  assert.equal((await put(manifest)).status, 201);
  const byDigest = `/v2/${NAME}/manifests/${digestOf(manifest)}`;
  assert.equal((await send("PUT", byDigest, { body: manifest, headers })).status, 201);
  assert.deepEqual(await codeOf(await send("PUT", byDigest, { body: `${manifest} `, headers })), [
    400,
    "DIGEST_INVALID",
  ]);
  const got = await send("GET", `/v2/${NAME}/manifests/v1`);
  assert.equal(await got.text(), manifest);
  assert.equal(got.headers.get("docker-content-digest"), digestOf(manifest));
});

test("a chunk at the wrong place is refused and the upload goes on where it was", async () => {
  using registry = open();
  const { send } = registry;
  const start = await send("POST", `/v2/${NAME}/blobs/uploads/`);
  const url = start.headers.get("location")!;
  const patch = (body: string, range: string) => send("PATCH", url, { body, headers: { "content-range": range } });
  assert.equal((await patch("01234", "0-4")).headers.get("range"), "0-4");
  const refused = await patch("56789", "6-10");
  assert.equal(refused.headers.get("range"), "0-4");
  assert.deepEqual(await codeOf(refused), [416, "BLOB_UPLOAD_INVALID"]);
  assert.equal((await send("GET", url)).headers.get("range"), "0-4");
  const end = await send("PUT", `${url}?digest=${digestOf("0123456789")}`, { body: "56789" });
  assert.equal(end.status, 201);
  const range = await send("GET", end.headers.get("location")!, { headers: { range: "bytes=-3" } });
  assert.deepEqual(
    [range.status, range.headers.get("content-range"), await range.text()],
    [206, "bytes 7-9/10", "789"],
  );
});

test("every request is authorized, and a mount needs the right to read its source", async () => {
  const asked: string[] = [];
  using registry = open(async (action, repository) => {
    asked.push(`${action} ${repository}`);
    if (repository === "secret/repo/app" && action === "pull") throw denied("not for you");
  });
  const { send, push } = registry;
  const digest = await push("x", "secret/repo/app");
  assert.deepEqual(await codeOf(await send("GET", `/v2/secret/repo/app/blobs/${digest}`)), [403, "DENIED"]);
  const mount = await send("POST", `/v2/${NAME}/blobs/uploads/?mount=${digest}&from=secret/repo/app`);
  assert.equal(mount.status, 202);
  assert.equal((await send("HEAD", `/v2/${NAME}/blobs/${digest}`)).status, 404);
  await send("DELETE", `/v2/${NAME}/blobs/${digest}`);
  assert.deepEqual(asked.slice(-4), [`push ${NAME}`, "pull secret/repo/app", `pull ${NAME}`, `delete ${NAME}`]);
});

test("tags come in pages that a Link header connects", async () => {
  using registry = open();
  const { send, push } = registry;
  await push("{}");
  const headers = { "content-type": mediaTypes.manifest };
  for (const tag of ["a", "b", "c"]) {
    await send("PUT", `/v2/${NAME}/manifests/${tag}`, { body: manifestOf("{}", []), headers });
  }
  const first = await send("GET", `/v2/${NAME}/tags/list?n=2`);
  assert.deepEqual(await first.json(), { name: NAME, tags: ["a", "b"] });
  const next = /<([^>]+)>; rel="next"/.exec(first.headers.get("link")!)![1]!;
  const second = await send("GET", next);
  assert.deepEqual(await second.json(), { name: NAME, tags: ["c"] });
  assert.equal(second.headers.get("link"), null);
  assert.deepEqual(await (await send("GET", `/v2/${NAME}/tags/list?n=0`)).json(), { name: NAME, tags: [] });
});
