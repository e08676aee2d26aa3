import assert from "node:assert/strict";
import { mkdtempDisposableSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { test } from "node:test";
import { systemClock } from "../../platform/clock.ts";
import { randomIds } from "../../platform/ids.ts";
import { DigestMismatchError, digestOf } from "../digest.ts";
import { createDistributionClient } from "./client.ts";
import { unauthorized } from "./errors.ts";
import { createFileStorage } from "./file-storage.ts";
import { createRegistryHandler } from "./handler.ts";
import { serveRegistry } from "./serve-registry.ts";

const repository = { host: "registry.example", repository: "demo/repo/app" };

function storage() {
  const temp = mkdtempDisposableSync(join(tmpdir(), "client-"));
  return { storage: createFileStorage({ folder: temp.path, ids: randomIds }), [Symbol.dispose]: () => temp.remove() };
}

async function read(chunks: Promise<AsyncIterable<Uint8Array>>): Promise<string> {
  return Buffer.concat(await Array.fromAsync(await chunks)).toString();
}

test("over the network blobs are pushed once, mounted, and read back", async () => {
  using files = storage();
  await using server = await serveRegistry(files.storage, randomIds);
  const client = createDistributionClient({ fetch, clock: systemClock });
  const here = { host: server.host, repository: "demo/repo/a" };
  const blob = { digest: digestOf("layer"), size: 5 };
  await client.pushBlob(here, blob, Buffer.from("layer"));
  const refuse = new Proxy(Buffer.from(""), { get: () => assert.fail("must not upload again") });
  await client.pushBlob(here, blob, refuse);
  await client.pushBlob({ ...here, repository: "demo/repo/b" }, blob, undefined, { mountFrom: "demo/repo/a" });
  assert.equal(await read(client.openBlob({ ...here, repository: "demo/repo/b" }, blob.digest)), "layer");
  await assert.rejects(client.pushBlob(here, { digest: digestOf("x"), size: 1 }, undefined), /neither there nor here/);
  assert.deepEqual(await client.listTags(here), []);
});

test("a token is fetched when the registry asks for one, with the credentials of its host, and used again", async () => {
  using files = storage();
  const handler = createRegistryHandler({ storage: files.storage, ids: randomIds });
  let tokens = 0;
  const client = createDistributionClient({
    clock: systemClock,
    credentials: async (host) => (host === repository.host ? { username: "u", password: "p" } : undefined),
    async fetch(request) {
      const url = new URL(request.url);
      if (url.host === "auth.example") {
        tokens++;
        assert.equal(request.headers.get("authorization"), `Basic ${btoa("u:p")}`);
        assert.equal(url.searchParams.get("service"), "registry");
        return Response.json({ token: url.searchParams.getAll("scope").join(" ") });
      }
      return handler(request, async (action, name) => {
        const granted = request.headers.get("authorization")?.includes(`repository:${name}:`);
        if (!granted)
          throw unauthorized(`Bearer realm="https://auth.example/token",service="registry",scope="x:${action}"`);
      });
    },
  });
  const blob = { digest: digestOf("layer"), size: 5 };
  await client.pushBlob(repository, blob, Buffer.from("layer"));
  assert.equal(await client.hasBlob(repository, blob.digest), true);
  assert.equal(tokens, 2, "one token to look, one to write");
});

test("passing failures are tried again, lasting ones are reported with the registry's words", async () => {
  const pauses: number[] = [];
  const clock = { ...systemClock, sleep: async (ms: number) => void pauses.push(ms) };
  const answers = [
    () => Promise.reject(new TypeError("fetch failed")),
    async () => new Response("busy", { status: 503, headers: { "retry-after": "3" } }),
    async () => new Response("layer"),
  ];
  const client = createDistributionClient({ clock, fetch: () => answers.shift()!() });
  assert.equal(await read(client.openBlob(repository, digestOf("layer"))), "layer");
  assert.deepEqual(pauses, [200, 3000]);
  const broken = createDistributionClient({ clock, fetch: async () => new Response("no such thing", { status: 404 }) });
  await assert.rejects(broken.getManifest({ ...repository, tag: "x" }), /status 404: no such thing/);
});

test("content that does not match its digest is refused", async () => {
  const client = createDistributionClient({ clock: systemClock, fetch: async () => new Response("other") });
  await assert.rejects(read(client.openBlob(repository, digestOf("layer"))), DigestMismatchError);
  await assert.rejects(client.getManifest({ ...repository, digest: digestOf("layer") }), DigestMismatchError);
});

test("a blob whose transfer breaks off is taken up where it ended", async () => {
  const ranges: (string | null)[] = [];
  const cut = Promise.withResolvers<void>();
  const client = createDistributionClient({
    clock: systemClock,
    async fetch(request) {
      const range = request.headers.get("range");
      ranges.push(range);
      if (range !== null) return new Response("layer".slice(Number(/\d+/.exec(range)![0])), { status: 206 });
      const body = Readable.toWeb(
        Readable.from(
          (async function* () {
            yield Buffer.from("la");
            await cut.promise;
            throw new Error("reset");
          })(),
        ),
      ) as ReadableStream;
      return new Response(body);
    },
  });
  let text = "";
  for await (const chunk of await client.openBlob(repository, digestOf("layer"))) {
    text += Buffer.from(chunk).toString();
    cut.resolve();
  }
  assert.equal(text, "layer");
  assert.deepEqual(ranges, [null, "bytes=2-"]);
});

test("a registry cannot send its client to what only this machine reaches", async () => {
  const asked: string[] = [];
  const clientOf = (answer: () => Response) =>
    createDistributionClient({
      clock: systemClock,
      async fetch(request) {
        asked.push(request.url);
        return new URL(request.url).host === repository.host ? answer() : Response.json({ token: "of somebody else" });
      },
    });
  const places = ["http://127.0.0.1:8484/v2/token", "https://localhost:8484/", "http://169.254.169.254/latest"];
  for (const place of places) {
    const challenge = { "www-authenticate": `Bearer realm="${place}",service="x"` };
    const challenging = clientOf(() => new Response("", { status: 401, headers: challenge }));
    const redirecting = clientOf(() => new Response(null, { status: 307, headers: { location: place } }));
    for (const client of [challenging, redirecting]) {
      await assert.rejects(client.getManifest({ ...repository, tag: "x" }), /not to be reached from it/);
    }
  }
  assert.deepEqual(new Set(asked.map((url) => new URL(url).host)), new Set([repository.host]));
});

test("a redirect to another host by TLS is followed, without the registry's token", async () => {
  const client = createDistributionClient({
    clock: systemClock,
    async fetch(request) {
      const { host } = new URL(request.url);
      if (host === "auth.example") return Response.json({ token: "t" });
      if (host === "content.example") return new Response(request.headers.has("authorization") ? "token" : "layer");
      if (!request.headers.has("authorization")) {
        return new Response("", {
          status: 401,
          headers: { "www-authenticate": 'Bearer realm="https://auth.example/"' },
        });
      }
      return new Response(null, { status: 302, headers: { location: "https://content.example/blob" } });
    },
  });
  assert.equal(await read(client.openBlob(repository, digestOf("layer"))), "layer");
});

test("a manifest without end is not read to its end", async () => {
  const endless = async () =>
    new Response(new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(1024 * 1024)) }));
  const client = createDistributionClient({ clock: systemClock, fetch: endless });
  await assert.rejects(client.getManifest({ ...repository, tag: "x" }), /larger than 16777216 bytes/);
});
