import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { dirname } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import type { SecretVolume } from "../workload.ts";
import { isMounted, mountForTest } from "./testing/mount-for-test.ts";

const SECRET: SecretVolume = {
  kind: "secret",
  name: "keys",
  project: "demo",
  secret: "api-key",
  items: [],
  defaultMode: 0,
};

/** A secret with versions, and how often each was read. */
function secretOf(versions: Record<string, string>) {
  const reads: string[] = [];
  return {
    versions,
    reads,
    accessSecret: async ({ version }: { version: string }) => {
      reads.push(version);
      const content = versions[version];
      if (content === undefined) throw new Error("Permission denied");
      return { data: Buffer.from(content), version };
    },
  };
}

test("a secret is a file named as the secret, read-only, with its latest version at every opening", async () => {
  const secret = secretOf({ latest: "first" });
  await using volume = await mountForTest(SECRET, secret);
  assert.equal(await volume.sh("ls; cat api-key", 1000), "api-key\nfirst");
  assert.equal(await volume.sh("stat -c '%a %u %g %s' . api-key"), "755 0 0 0\n444 0 0 5\n");
  secret.versions["latest"] = "second, and longer";
  assert.equal(await volume.sh("exec 3< api-key; cat <&3; wc -c < api-key"), "second, and longer18\n");
  assert.equal(volume.readOnly, true);
  assert.match(await volume.sh("echo x > api-key; rm api-key; touch b"), /(Read-only file system[^]*){3}/);
});

test("items have a path, a version and a mode; numbered versions are read once", async () => {
  const secret = secretOf({ "1": "one", "2": "two", stable: "alias" });
  const items = [
    { path: "old", version: "1" },
    { path: "dir/sub/new", version: "2", mode: 0o700 },
    { path: "dir/alias", version: "stable", mode: 0o400 },
  ];
  await using volume = await mountForTest({ ...SECRET, items, defaultMode: 0o640 }, secret);
  assert.equal(await volume.sh("find . -type f | sort"), "./dir/alias\n./dir/sub/new\n./old\n");
  assert.equal(await volume.sh("stat -c %a old dir/sub/new dir/alias dir"), "440\n500\n400\n755\n");
  assert.equal(await volume.sh("cat old old old dir/sub/new dir/alias"), "oneoneonetwoalias");
  assert.deepEqual(secret.reads.filter((version) => version === "1").length, 1);
  assert.match(await volume.sh("cat dir/alias", 1000), /Permission denied/);
  assert.match(await volume.sh("cat nope"), /No such file or directory/);
});

test("a version that cannot be read is a read error of its file alone", async () => {
  const secret = secretOf({ "1": "one", latest: "x" });
  const items = ["1", "latest"].map((version) => ({ path: version, version }));
  await using volume = await mountForTest({ ...SECRET, items }, secret);
  delete secret.versions["latest"];
  assert.match(await volume.sh("ls; cat latest; cat 1"), /^1\nlatest\none[^]*latest: Input\/output error/);
  secret.versions["latest"] = "again";
  assert.equal(await volume.sh("cat latest"), "again");
});

test("a daemon that dies leaves errors, no hanging, and a mount that goes with its instance", async () => {
  await using volume = await mountForTest(SECRET, secretOf({ latest: "x" }));
  assert.equal(await volume.sh("cat api-key"), "x");
  for (const pid of await volume.daemons()) process.kill(pid, "SIGKILL");
  const read = promisify(execFile)("cat", [`${volume.source}/api-key`]);
  await assert.rejects(read, /Transport endpoint is not connected|Software caused connection abort/);
  assert.equal(await isMounted(dirname(volume.source)), true);
});
