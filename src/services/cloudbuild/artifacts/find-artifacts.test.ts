import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { findArtifacts } from "./find-artifacts.ts";

const folder = mkdtempSync(join(tmpdir(), "homerun-artifacts-"));
after(() => rmSync(folder, { recursive: true }));
const workspace = join(folder, "workspace");
mkdirSync(join(workspace, "out", "deep"), { recursive: true });
for (const name of ["a.txt", "b.txt", "out/c.txt", "out/deep/d.txt"]) writeFileSync(join(workspace, name), name);
writeFileSync(join(folder, "secret.txt"), "not the build's");
symlinkSync("a.txt", join(workspace, "link.txt"));
symlinkSync("/etc", join(workspace, "etc"));
symlinkSync(join(folder, "secret.txt"), join(workspace, "stolen"));

const names = async (path: string) => (await findArtifacts(workspace, path)).map(({ name }) => name);

test("finds files by globs, and folders with what is in them", async () => {
  assert.deepEqual(await names("*.txt"), ["a.txt", "b.txt", "link.txt"]);
  assert.deepEqual(await names("/workspace/out/*.txt"), ["c.txt"]);
  assert.deepEqual(await names("out"), ["out/c.txt", "out/deep/d.txt"]);
  assert.deepEqual(await names("out/**/*.txt"), ["c.txt", "d.txt"]);
});

test("finds nothing outside the workspace, whatever links a step has made", async () => {
  await assert.rejects(names("stolen"), /stolen leads out of \/workspace/);
  await assert.rejects(names("etc/passwd"), /leads out of \/workspace/);
  await assert.rejects(names("etc"), /leads out of \/workspace/);
  await assert.rejects(names("../secret.txt"), /is not in \/workspace/);
  await assert.rejects(names("/etc/passwd"), /is not in \/workspace/);
  await assert.rejects(names("missing*"), /^ArtifactError: No URLs matched: missing\*$/);
});
