import assert from "node:assert/strict";
import { test } from "node:test";
import { type BootedApi, bootApi } from "../../../../tests/support/boot-api.ts";
import { storage } from "../module.ts";

const boot = () => bootApi((deps) => [storage({ ...deps, publicKeysOf: async () => [] })]);

type Body = Record<string, unknown>;
const errorOf = ({ body }: { body: Body }) => body["error"] as { code: number; message: string; errors: Body[] };

async function put(api: BootedApi, name: string, content: string, query = "") {
  const url = `${api.url}/upload/storage/v1/b/things/o?uploadType=media&name=${encodeURIComponent(name)}${query}`;
  const response = await fetch(url, { method: "POST", headers: { "content-type": "text/plain" }, body: content });
  return { status: response.status, body: (await response.json()) as Body };
}

test("buckets are made, listed, patched and deleted, with Google's errors", async () => {
  await using api = await boot();
  const made = await api.json("POST", "/storage/v1/b?project=demo", { name: "things", location: "us-central1" });
  assert.equal(made.body["location"], "US-CENTRAL1");
  assert.equal(made.body["locationType"], "region");
  assert.equal(made.body["etag"], "CAE=");
  const again = await api.json("POST", "/b?project=demo", { name: "things" });
  assert.deepEqual(errorOf(again), {
    code: 409,
    message: "Your previous request to create the named bucket succeeded and you already own it.",
    errors: [
      {
        message: "Your previous request to create the named bucket succeeded and you already own it.",
        domain: "global",
        reason: "conflict",
      },
    ],
  });
  const patched = await api.json("PATCH", "/storage/v1/b/things", {
    labels: { a: "1", b: "2" },
    versioning: { enabled: true },
  });
  assert.deepEqual(patched.body["labels"], { a: "1", b: "2" });
  const removed = await api.json("PATCH", "/storage/v1/b/things", { labels: { a: null } });
  assert.deepEqual([removed.body["labels"], removed.body["versioning"]], [{ b: "2" }, { enabled: true }]);
  const stale = await api.json("PATCH", "/storage/v1/b/things?ifMetagenerationMatch=1", { labels: {} });
  assert.equal(errorOf(stale).errors[0]!["reason"], "conditionNotMet");
  const listed = await api.json("GET", "/storage/v1/b?project=demo&prefix=thi");
  assert.equal((listed.body["items"] as Body[]).length, 1);
  const layout = await api.json("GET", "/storage/v1/b/things/storageLayout");
  assert.deepEqual(layout.body["hierarchicalNamespace"], { enabled: false });
  assert.equal((await api.json("DELETE", "/storage/v1/b/things")).status, 204);
  assert.equal(errorOf(await api.json("GET", "/storage/v1/b/things")).message, "The specified bucket does not exist.");
});

test("bad names and what is not supported are refused by name", async () => {
  await using api = await boot();
  const refusal = async (body: object) => {
    const answer = await api.json("POST", "/storage/v1/b?project=demo", body);
    return [answer.status, errorOf(answer).message];
  };
  assert.deepEqual(await refusal({ name: "UPPER" }), [400, "Invalid bucket name: 'UPPER'"]);
  assert.deepEqual(await refusal({ name: "things", location: "mars" }), [
    400,
    "The specified location constraint is not valid.",
  ]);
  for (const [field, value] of Object.entries({
    lifecycle: { rule: [{ action: { type: "Delete" } }] },
    softDeletePolicy: { retentionDurationSeconds: "604800" },
    encryption: { defaultKmsKeyName: "k" },
    retentionPolicy: { retentionPeriod: "5" },
  })) {
    assert.deepEqual(await refusal({ name: "things", [field]: value }), [400, `${field} is not supported by homerun.`]);
  }
  const plain = { name: "things", lifecycle: {}, softDeletePolicy: { retentionDurationSeconds: "0" }, acl: [] };
  assert.equal((await api.json("POST", "/storage/v1/b?project=demo", plain)).status, 200);
  assert.match(errorOf(await api.json("GET", "/storage/v1/b/things/acl")).message, /acl is not supported/);
  assert.equal(errorOf(await api.json("POST", "/storage/v1/b", {})).message, "Required parameter: project");
});

test("objects are uploaded, described with links to where the client came from, and downloaded in ranges", async () => {
  await using api = await boot();
  await api.json("POST", "/storage/v1/b?project=demo", { name: "things" });
  const { body } = await put(api, "a/ü.txt", "hello world");
  assert.equal(body["md5Hash"], "XrY7u+Ae7tCTyyK7j1rNww==");
  assert.equal(body["crc32c"], "yZRlqg==");
  assert.equal(body["size"], "11");
  const mediaLink = String(body["mediaLink"]);
  assert.ok(mediaLink.startsWith(`${api.url}/download/storage/v1/b/things/o/a%2F%C3%BC.txt?generation=`));
  const whole = await fetch(mediaLink);
  assert.deepEqual([whole.status, whole.headers.get("etag"), await whole.text()], [200, body["etag"], "hello world"]);
  const tail = await fetch(mediaLink, { headers: { range: "bytes=-5" } });
  assert.deepEqual([tail.status, await tail.text()], [206, "world"]);
  const self = await api.json("GET", "/storage/v1/b/things/o/a%2F%C3%BC.txt");
  assert.deepEqual(self.body, body);
  const missing = await api.json("GET", "/storage/v1/b/things/o/none");
  assert.deepEqual([missing.status, errorOf(missing).message], [404, "No such object: things/none"]);
  const wrong = await put(api, "x", "x", "&ifGenerationMatch=5");
  assert.deepEqual([wrong.status, errorOf(wrong).errors[0]!["location"]], [412, "If-Match"]);
});

test("a multipart upload checks the checksums it announces and leaves what was there", async () => {
  await using api = await boot();
  await api.json("POST", "/storage/v1/b?project=demo", { name: "things" });
  const upload = async (metadata: object, content: string) => {
    const body = `--X\nContent-Type: application/json\n\n${JSON.stringify(metadata)}\n--X\nContent-Type: text/plain\n\n${content}\n--X--`;
    const response = await fetch(`${api.url}/upload/storage/v1/b/things/o?uploadType=multipart`, {
      method: "POST",
      headers: { "content-type": "multipart/related; boundary='X'" },
      body,
    });
    return { status: response.status, body: (await response.json()) as Body };
  };
  const metadata = { name: "o", md5Hash: "XrY7u+Ae7tCTyyK7j1rNww==", metadata: { k: "v" }, cacheControl: "no-store" };
  const done = await upload(metadata, "hello world");
  assert.deepEqual([done.status, done.body["metadata"], done.body["contentType"]], [200, { k: "v" }, "text/plain"]);
  const wrong = await upload(metadata, "hello moon");
  assert.equal(wrong.status, 400);
  assert.match(
    errorOf(wrong).message,
    /^Provided MD5 hash "XrY7u\+Ae7tCTyyK7j1rNww==" doesn't match calculated MD5 hash/,
  );
  assert.equal((await api.json("GET", "/storage/v1/b/things/o/o")).body["generation"], done.body["generation"]);
});

test("a resumable upload tells how far it is, goes on there and finishes once", async () => {
  await using api = await boot();
  await api.json("POST", "/storage/v1/b?project=demo", { name: "things" });
  const start = await fetch(`${api.url}/resumable/upload/storage/v1/b/things/o?uploadType=resumable`, {
    method: "POST",
    headers: { "x-upload-content-type": "text/plain", "content-type": "application/json" },
    body: JSON.stringify({ name: "big" }),
  });
  const location = start.headers.get("location")!;
  assert.ok(location.startsWith(`${api.url}/upload/storage/v1/b/things/o?`));
  const send = (range: string, body?: string) =>
    fetch(location, { method: "PUT", headers: { "content-range": range }, ...(body && { body }) });
  const nothing = await send("bytes */*");
  assert.deepEqual([nothing.status, nothing.headers.get("range")], [308, null]);
  const part = await send("bytes 0-4/*", "01234");
  assert.deepEqual([part.status, part.headers.get("range")], [308, "bytes=0-4"]);
  assert.equal((await send("bytes 7-9/10", "789")).status, 400);
  const rest = await send("bytes 3-9/10", "3456789");
  const object = (await rest.json()) as Body;
  assert.deepEqual([rest.status, object["size"], object["contentType"]], [200, "10", "text/plain"]);
  const again = await send("bytes */10");
  assert.deepEqual([again.status, ((await again.json()) as Body)["generation"]], [200, object["generation"]]);
  assert.equal(await (await fetch(String(object["mediaLink"]))).text(), "0123456789");
  assert.equal((await fetch(location, { method: "DELETE" })).status, 499);
  assert.equal((await send("bytes */10")).status, 404);
});

test("a resumable upload of unknown size ends with its body", async () => {
  await using api = await boot();
  await api.json("POST", "/storage/v1/b?project=demo", { name: "things" });
  const path = "/upload/storage/v1/b/things/o?uploadType=resumable&name=unknown";
  const start = await fetch(`${api.url}${path}`, { method: "POST" });
  const headers = { "content-range": "bytes 0-*/*" };
  const done = await fetch(start.headers.get("location")!, { method: "PUT", headers, body: "0123" });
  assert.deepEqual([done.status, ((await done.json()) as Body)["size"]], [200, "4"]);
});

test("lists show prefixes once, in order of bytes, page by page", async () => {
  await using api = await boot();
  await api.json("POST", "/storage/v1/b?project=demo", { name: "things" });
  for (const name of ["a", "b/1", "b/2", "b/3/x", "c", "d/", "d/1", "ä", "\u{1f600}"]) await put(api, name, name);
  const list = async (query: string) => {
    const { body } = await api.json("GET", `/storage/v1/b/things/o?${query}`);
    const names = ((body["items"] ?? []) as Body[]).map((item) => item["name"]);
    return { names, prefixes: body["prefixes"] ?? [], next: body["nextPageToken"] as string | undefined };
  };
  const all = await list("delimiter=/&includeFoldersAsPrefixes=True");
  assert.deepEqual([all.names, all.prefixes, all.next], [["a", "c", "ä", "\u{1f600}"], ["b/", "d/"], undefined]);
  const seen: unknown[] = [];
  for (let query = "delimiter=/&maxResults=1", token: string | undefined = ""; token !== undefined;) {
    const page = await list(`${query}&pageToken=${token}`);
    seen.push(...page.names, ...(page.prefixes as string[]));
    token = page.next;
  }
  assert.deepEqual(seen, ["a", "b/", "c", "d/", "ä", "\u{1f600}"]);
  assert.deepEqual((await list("prefix=b/&delimiter=/")).prefixes, ["b/3/"]);
  assert.deepEqual((await list("startOffset=b/2&endOffset=d")).names, ["b/2", "b/3/x", "c"]);
  assert.deepEqual((await list("matchGlob=b/*")).names, ["b/1", "b/2"]);
  assert.deepEqual((await list(`matchGlob=${encodeURIComponent("{a,**/x}")}`)).names, ["a", "b/3/x"]);
  assert.deepEqual((await list("delimiter=/&prefix=d/&includeTrailingDelimiter=true")).names, ["d/", "d/1"]);
});

test("a versioned bucket keeps what is replaced and deleted", async () => {
  await using api = await boot();
  await api.json("POST", "/storage/v1/b?project=demo", { name: "things", versioning: { enabled: true } });
  const first = await put(api, "o", "one");
  await put(api, "o", "two");
  assert.equal((await api.json("DELETE", "/storage/v1/b/things/o/o")).status, 204);
  assert.equal((await api.json("GET", "/storage/v1/b/things/o/o")).status, 404);
  const old = await fetch(String(first.body["mediaLink"]));
  assert.equal(await old.text(), "one");
  const { body } = await api.json("GET", "/storage/v1/b/things/o?versions=True");
  assert.equal((body["items"] as Body[]).filter((item) => item["timeDeleted"]).length, 2);
  assert.equal((await api.json("DELETE", "/storage/v1/b/things")).status, 409);
  for (const item of body["items"] as Body[]) {
    await api.json("DELETE", `/storage/v1/b/things/o/o?generation=${String(item["generation"])}`);
  }
  assert.equal((await api.json("DELETE", "/storage/v1/b/things")).status, 204);
});

test("objects are patched, copied, rewritten and composed", async () => {
  await using api = await boot();
  await api.json("POST", "/storage/v1/b?project=demo", { name: "things" });
  await put(api, "a", "1");
  const patched = await api.json("PATCH", "/storage/v1/b/things/o/a", {
    metadata: { k: "v" },
    cacheControl: "no-store",
  });
  assert.deepEqual([patched.body["metageneration"], patched.body["contentType"]], ["2", "text/plain"]);
  const copied = await api.json("POST", "/storage/v1/b/things/o/a/copyTo/b/things/o/dir%2Fb");
  assert.deepEqual([copied.body["name"], copied.body["metadata"]], ["dir/b", { k: "v" }]);
  const path = "/storage/v1/b/things/o/a/rewriteTo/b/things/o/c?maxBytesRewrittenPerCall=104857600";
  const rewritten = await api.json("POST", path, { storageClass: "NEARLINE" });
  const resource = rewritten.body["resource"] as Body;
  assert.deepEqual(
    [rewritten.body["done"], resource["storageClass"], resource["metadata"]],
    [true, "NEARLINE", { k: "v" }],
  );
  const moved = await api.json("POST", "/storage/v1/b/things/o/dir%2Fb/moveTo/o/e");
  assert.deepEqual([moved.body["name"], moved.body["metadata"]], ["e", { k: "v" }]);
  assert.equal((await api.json("GET", "/storage/v1/b/things/o/dir%2Fb")).status, 404);
  const composed = await api.json("POST", "/storage/v1/b/things/o/d/compose", {
    sourceObjects: [{ name: "a", generation: patched.body["generation"] }, { name: "c" }],
    destination: { contentType: "text/html" },
  });
  assert.deepEqual([composed.body["componentCount"], composed.body["md5Hash"]], [2, undefined]);
  assert.equal(await (await fetch(String(composed.body["mediaLink"]))).text(), "11");
});

test("a bucket's IAM policy is set and read, with etags", async () => {
  await using api = await boot();
  await api.json("POST", "/storage/v1/b?project=demo", { name: "things" });
  const { body: first } = await api.json("GET", "/storage/v1/b/things/iam");
  assert.equal(first["resourceId"], "projects/_/buckets/things");
  const writers = ["projectEditor:demo", "projectOwner:demo"];
  assert.deepEqual(first["bindings"], [
    { role: "roles/storage.legacyBucketOwner", members: writers },
    { role: "roles/storage.legacyBucketReader", members: ["projectViewer:demo"] },
    { role: "roles/storage.legacyObjectOwner", members: writers },
    { role: "roles/storage.legacyObjectReader", members: ["projectViewer:demo"] },
  ]);
  const bindings = [{ role: "roles/storage.objectViewer", members: ["allUsers"] }];
  const set = await api.json("PUT", "/storage/v1/b/things/iam", {
    kind: "storage#policy",
    etag: first["etag"],
    bindings,
  });
  assert.deepEqual(set.body["bindings"], bindings);
  assert.equal((await api.json("PUT", "/storage/v1/b/things/iam", { etag: first["etag"], bindings: [] })).status, 409);
});
