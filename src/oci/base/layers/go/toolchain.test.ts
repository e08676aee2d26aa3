import assert from "node:assert/strict";
import { createHash, generateKeyPairSync, type KeyPairKeyObjectResult } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before, beforeEach, test } from "node:test";
import { ZipFile } from "yazl";
import { createTestLog, type TestLog } from "./testing/test-log.ts";
import { downloadToolchain, newestRelease } from "./toolchain.ts";

const PLATFORM = `linux-${process.arch === "x64" ? "amd64" : process.arch}`;
const VERSION = `v0.0.1-go1.26.10.${PLATFORM}`;
const MODULE = "golang.org/toolchain";
const FILES = { "bin/go": "#!/bin/sh\n", "src/_go.mod": "module std\n" };
const NAME = "sum.example";

let folder: string;
let log: TestLog;
let keys: KeyPairKeyObjectResult;
/** What the proxy answers, by path; everything else is not there. */
let answers: Map<string, string | Buffer>;
const server = createServer((request, response) => {
  const path = (request.url ?? "").slice(1);
  const tile = log.tile(path.replace(`sumdb/${NAME}/`, ""));
  const answer = answers.get(path) ?? (answers.has(`sumdb/${NAME}/supported`) ? tile : undefined);
  response.statusCode = answer === undefined ? 404 : 200;
  response.end(answer);
});
let proxy: string;

before(async () => {
  await once(server.listen(0, "127.0.0.1"), "listening");
  proxy = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
after(() => void server.close());
afterEach(() => rmSync(folder, { recursive: true, force: true }));
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "toolchain-"));
  mkdirSync(join(folder, "work"));
  keys = generateKeyPairSync("ed25519");
  log = createTestLog(NAME, keys);
  for (let index = 0; index < 300; index++) log.add(`example.com/m v1.0.${index} h1:x=\n`);
  answers = new Map<string, string | Buffer>([[`sumdb/${NAME}/supported`, ""]]);
});

async function publish(hash = HASH): Promise<void> {
  const record = `${MODULE} ${VERSION} ${hash}\n${MODULE} ${VERSION}/go.mod h1:y=\n`;
  const id = log.add(record);
  for (let index = 0; index < 5; index++) log.add(`example.com/n v1.0.${index} h1:x=\n`);
  answers.set(`sumdb/${NAME}/lookup/${MODULE}@${VERSION}`, `${id}\n${record}\n${log.head()}`);
  answers.set(`${MODULE}/@v/list`, `v0.0.1-go1.26.9.${PLATFORM}\n${VERSION}\nv0.0.1-go1.27rc1.${PLATFORM}\n`);
  answers.set(`${MODULE}/@v/${VERSION}.zip`, await zip());
}

/** "h1:" and the Base64 of SHA-256 over lines "HASH  MODULE@VERSION/PATH". */
const HASH = (() => {
  const sha = (text: string) => createHash("sha256").update(text);
  const lines = Object.entries(FILES).map(
    ([path, text]) => `${sha(text).digest("hex")}  ${MODULE}@${VERSION}/${path}\n`,
  );
  return `h1:${sha(lines.join("")).digest("base64")}`;
})();

async function zip(): Promise<Buffer> {
  const file = new ZipFile();
  for (const [path, text] of Object.entries(FILES).reverse())
    file.addBuffer(Buffer.from(text), `${MODULE}@${VERSION}/${path}`);
  file.end();
  return Buffer.concat(await Array.fromAsync(file.outputStream as AsyncIterable<Buffer>));
}

const download = (changes: { proxy?: string; checksumDatabase?: string } = {}) =>
  downloadToolchain(
    { proxy, checksumDatabase: log.gosumdb, stateFolder: join(folder, "state"), ...changes },
    "1.26",
    join(folder, "work"),
  );

test("the newest release is taken when the signed log has its hash, and the log's head is remembered", async () => {
  await publish();
  using toolchain = await download({ proxy: `${proxy}/none|${proxy},direct` });
  assert.equal(toolchain.version, "1.26.10");
  assert.deepEqual(toolchain.zip.files.map(({ path }) => path).sort(), Object.keys(FILES));
  const [file] = readdirSync(join(folder, "state"));
  assert.equal(readFileSync(join(folder, "state", file!), "utf8"), log.head());
  // The log has grown, and the same history is in it.
  await publish();
  using again = await download();
  assert.equal(again.version, "1.26.10");
  assert.equal(readFileSync(join(folder, "state", file!), "utf8"), log.head());
});

test("the database is asked itself where no proxy passes it on", async () => {
  await publish();
  answers.delete(`sumdb/${NAME}/supported`);
  await assert.rejects(download({ checksumDatabase: `${log.gosumdb} ${proxy}/elsewhere` }), /does not have lookup/);
});

test("another content, another history and an unsigned answer are refused", async () => {
  await publish("h1:8Tl0rBb7KdISSdPkZBjlpZxsUBb+004GI/SM2XbmSqI=");
  await assert.rejects(download(), /checksum mismatch: h1:\S+ instead of h1:8Tl0/);
  const lookup = `sumdb/${NAME}/lookup/${MODULE}@${VERSION}`;
  const good = answers.get(lookup)!.toString();
  const forged = good.replace(/(?<=tree\n\d+\n)\S+/, (hash) =>
    Buffer.from(hash, "base64").reverse().toString("base64"),
  );
  answers.set(lookup, forged);
  await assert.rejects(download(), /is not signed by sum\.example/);
  answers.set(lookup, good.replace("h1:y=", "h1:z="));
  await assert.rejects(download(), /is not in the tree of sum\.example/);
});

test("a database that shows another history than the one that was seen is refused", async () => {
  await publish();
  const state = join(folder, "state");
  mkdirSync(state);
  const file = join(state, `${NAME}-${/\+([0-9a-f]{8})\+/.exec(log.gosumdb)![1]}.tree`);
  for (const size of [1, 137, 256, 300]) {
    writeFileSync(file, log.head(size));
    using toolchain = await download();
    assert.equal(toolchain.version, "1.26.10");
  }
  const forked = createTestLog(NAME, keys);
  for (let index = 0; index < 200; index++) forked.add(`example.com/m v1.0.${index} h1:${index === 7 ? "y" : "x"}=\n`);
  writeFileSync(file, forked.head());
  await assert.rejects(download(), /SECURITY ERROR: the checksum database sum\.example shows another history/);
});

test("without a checksum database, or with one whose key is not its own, nothing is taken", async () => {
  await publish();
  await assert.rejects(download({ checksumDatabase: "off" }), /disabled by GOSUMDB=off/);
  await assert.rejects(download({ checksumDatabase: log.gosumdb.replace(NAME, "other.example") }), /malformed key/);
  // The key that Go knows is another one's.
  await assert.rejects(download({ checksumDatabase: NAME }), /is not signed by sum\.example/);
});

test("of a minor version the highest patch counts, and no release candidate", () => {
  const list = ["1.26.2", "1.26.11", "1.26rc3", "1.2.30", "1.27.1"]
    .map((name) => `v0.0.1-go${name}.linux-amd64`)
    .join("\n");
  assert.equal(newestRelease(list, "1.26", "linux-amd64"), "1.26.11");
  assert.equal(newestRelease(list, "1.26", "linux-arm64"), undefined);
  assert.equal(newestRelease(list, "1.28", "linux-amd64"), undefined);
});
