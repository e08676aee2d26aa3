import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { silentLog } from "../../platform/log.ts";
import { createManualClock } from "../../platform/manual-clock.ts";
import type { BucketVolume, SecretVolume } from "../workload.ts";
import { fuseVolumes } from "./fuse-volumes.ts";
import { daemonsOfThisProcess, isMounted } from "./testing/mount-for-test.ts";

const clock = createManualClock();
const asked: string[] = [];
const mounter = fuseVolumes({
  identity: { accessToken: async () => ({ token: "t", expiresInSeconds: 60 }) },
  accessSecret: async ({ project, secret, version }, email) => {
    asked.push(`${project} ${secret} ${version} ${email}`);
    return { data: Buffer.from(`content of ${secret}`), version: "1" };
  },
  storageUrl: () => "http://127.0.0.1:1",
  clock,
  log: silentLog,
});
let root: string;
before(async () => (root = await mkdtemp(join(tmpdir(), "homerun-volumes-"))));
after(() => rm(root, { recursive: true }));

async function mount(instanceId: string, volume: SecretVolume | BucketVolume, signal = new AbortController().signal) {
  return mounter.mount(volume, {
    id: instanceId,
    project: { id: "demo", number: "123" },
    location: "us-central1",
    serviceAccountEmail: "robot@demo.iam.gserviceaccount.com",
    network: { address: "127.0.0.1", gateway: "127.0.0.1" },
    folder: await mkdtemp(join(root, `${instanceId}-`)),
    signal,
  });
}

function secret(name: string): SecretVolume {
  return { kind: "secret", name, project: "demo", secret: name, items: [], defaultMode: 0o444 };
}

test("the volumes of an instance share a process, which goes with the last of them", async () => {
  const one = await mount("shared", secret("one"));
  const two = await mount("shared", secret("two"));
  await using other = await mount("other", secret("three"));
  assert.equal((await daemonsOfThisProcess()).length, 2);
  assert.equal(await readFile(join(one.source, "one"), "utf8"), "content of one");
  assert.equal(await readFile(join(two.source, "two"), "utf8"), "content of two");
  assert.ok(asked.includes("demo two latest robot@demo.iam.gserviceaccount.com"));
  await one[Symbol.asyncDispose]();
  assert.deepEqual(await readdir(one.source), []);
  assert.equal(await readFile(join(two.source, "two"), "utf8"), "content of two");
  await two[Symbol.asyncDispose]();
  assert.equal((await daemonsOfThisProcess()).length, 1);
  assert.equal(await readFile(join(other.source, "three"), "utf8"), "content of three");
});

test("a volume that cannot be mounted leaves nothing behind, and the others alone", async () => {
  await using good = await mount("mixed", secret("good"));
  const bucket: BucketVolume = { kind: "bucket", name: "b", bucket: "b", readOnly: false, mountOptions: [] };
  await assert.rejects(mount("mixed", bucket), /Mounting the bucket b failed: Cloud Storage: .*ECONNREFUSED/);
  assert.equal(await readFile(join(good.source, "good"), "utf8"), "content of good");
  await assert.rejects(mount("alone", bucket), /Mounting the bucket b failed/);
  await assert.rejects(mount("aborted", secret("x"), AbortSignal.abort(new Error("not wanted"))), /not wanted/);
  assert.equal((await daemonsOfThisProcess()).length, 1);
});

test("nothing is mounted once everything is disposed", async () => {
  assert.equal(await isMounted(root), false);
  assert.deepEqual(await daemonsOfThisProcess(), []);
});

test("a process is kept ready for the next instance", async () => {
  clock.advance(3000);
  const [spare] = await daemonsOfThisProcess();
  assert.ok(spare);
  await using volume = await mount("next", secret("next"));
  assert.deepEqual(await daemonsOfThisProcess(), [spare]);
  assert.equal(await readFile(join(volume.source, "next"), "utf8"), "content of next");
});
