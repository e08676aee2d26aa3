import assert from "node:assert/strict";
import { test } from "node:test";
import { mountOptionsProblem, parseMountOptions } from "./mount-options.ts";

test("without options, folders are implicit and everything is root's", () => {
  const { implicitDirs, uid, fileMode, dirMode, readOnly, prefix, metadataTtlMs } = parseMountOptions([]);
  assert.deepEqual(
    { implicitDirs, uid, fileMode, dirMode, readOnly, prefix, metadataTtlMs },
    { implicitDirs: true, uid: 0, fileMode: 0o644, dirMode: 0o755, readOnly: false, prefix: "", metadataTtlMs: 60_000 },
  );
});

test("options say what they mean", () => {
  const options = ["implicit-dirs=false", "only-dir=/a/b", "uid=1000", "gid=2000", "file-mode=0600", "dir-mode=700"];
  const more = ["metadata-cache-ttl-secs=-1", "stat-cache-max-size-mb=1", "rename-dir-limit=5", "o=ro,noexec"];
  assert.deepEqual(parseMountOptions([...options, ...more]), {
    implicitDirs: false,
    prefix: "a/b/",
    uid: 1000,
    gid: 2000,
    fileMode: 0o600,
    dirMode: 0o700,
    metadataTtlMs: Infinity,
    negativeTtlMs: 5000,
    statCacheEntries: 640,
    renameDirLimit: 5,
    readOnly: true,
    flags: ["noexec"],
  });
  assert.equal(parseMountOptions(["stat-cache-ttl=1m30s"]).metadataTtlMs, 90_000);
});

test("what is unknown or wrong is named", () => {
  assert.equal(mountOptionsProblem(["uid=0", "implicit-dirs"]), undefined);
  assert.equal(mountOptionsProblem(["uid=0", "key-file=a"]), "The mount option key-file is not supported by homerun.");
  assert.equal(mountOptionsProblem(["constructor"]), "The mount option constructor is not supported by homerun.");
  const wrong = [
    "uid=me",
    "uid",
    "uid=-1",
    "file-mode=9",
    "implicit-dirs=no",
    "only-dir",
    "o=suid",
    "o",
    "stat-cache-ttl=1",
  ];
  for (const option of wrong) {
    assert.equal(mountOptionsProblem([option]), `The mount option ${option} has an invalid value.`);
  }
  assert.throws(() => parseMountOptions(["file-cache=1"]), /file-cache is not supported/);
});
