import assert from "node:assert/strict";
import { existsSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { mkdtempDisposable } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { Usable } from "./findings.ts";
import { stemKnowledge } from "./knowledge.ts";

/** Findings about an image with one layer of its own, and its closure. */
function usable(folder: string, name: string): Usable {
  const layers = [join(folder, "layers", "base"), join(folder, "layers", name)];
  for (const path of [...layers, join(folder, "closures", `closure-${name}`)]) mkdirSync(path, { recursive: true });
  return {
    usable: true,
    layers,
    baseLayers: 1,
    user: { uid: 33, gid: 33 },
    hostname: "localhost",
    memoryBytes: 1,
    pids: 1,
    rest: "",
    args: ["/usr/bin/python3"],
    cwd: "/workspace",
    set: {},
    unset: [],
    bootEnv: {},
    closure: `closure-${name}`,
    main: "/main",
    loaded: [],
    state: [],
  };
}

function left(folder: string): Record<string, number> {
  const count = (name: string) => readdirSync(join(folder, name)).length;
  return { findings: count("findings"), closures: count("closures"), images: count("images") };
}

test("what no image on the host needs is removed, and the rest is known still", async () => {
  await using temp = await mkdtempDisposable(join(tmpdir(), "knowledge-"));
  const folder = temp.path;
  const knowledge = stemKnowledge(folder);
  await knowledge.add("gone", usable(folder, "gone"));
  const kept = await knowledge.add("kept", usable(folder, "kept"));
  await knowledge.add("unfit", { usable: false, why: "it was not built by buildpacks" });
  mkdirSync(join(folder, "closures", "half-made.new"));
  assert.deepEqual(left(folder), { findings: 3, closures: 3, images: 2 });

  rmSync(join(folder, "layers", "gone"), { recursive: true });
  await knowledge.prune();
  assert.deepEqual(left(folder), { findings: 2, closures: 1, images: 1 });
  assert.ok(existsSync(join(kept!.imageFolder, "layers", "1")));
  assert.equal(await knowledge.find("gone"), undefined);
  for (const same of [knowledge, stemKnowledge(folder)]) {
    assert.equal(await same.find("unfit"), "NO_STEM");
    const found = await same.find("kept");
    assert.equal(found !== "NO_STEM" && found?.imageFolder, kept?.imageFolder);
  }
});

test("what was used least recently goes first, in this server and in the next one", async () => {
  await using temp = await mkdtempDisposable(join(tmpdir(), "knowledge-"));
  const folder = temp.path;
  const closures = () => readdirSync(join(folder, "closures")).sort();
  const knowledge = stemKnowledge(folder, 2);
  for (const name of ["one", "two", "three"]) await knowledge.add(name, usable(folder, name));
  await knowledge.find("one");
  await knowledge.prune();
  assert.deepEqual(closures(), ["closure-one", "closure-three"]);
  assert.equal(await knowledge.find("two"), undefined);

  const next = stemKnowledge(folder, 2);
  await next.find("one");
  await next.add("four", usable(folder, "four"));
  await next.prune();
  assert.deepEqual(closures(), ["closure-four", "closure-one"]);
});

test("an image whose layers come back gets another folder to be mounted from", async () => {
  await using temp = await mkdtempDisposable(join(tmpdir(), "knowledge-"));
  const knowledge = stemKnowledge(temp.path);
  const findings = usable(temp.path, "back");
  const first = await knowledge.add("back", findings);
  rmSync(join(temp.path, "layers", "back"), { recursive: true });
  await knowledge.prune();
  assert.ok(!existsSync(first!.imageFolder));
  const again = await knowledge.add("back", usable(temp.path, "back"));
  assert.ok(existsSync(join(again!.imageFolder, "layers", "1")));
});
