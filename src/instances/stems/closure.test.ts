import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, readlinkSync, symlinkSync, writeFileSync } from "node:fs";
import { mkdtempDisposable } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { type ClosureOptions, ensureClosure } from "./closure.ts";

const MODULES = "/layers/npm/node_modules";

async function closures() {
  const temp = await mkdtempDisposable(join(tmpdir(), "closure-"));
  const put = (layer: string, path: string, content: string) => {
    mkdirSync(dirname(join(temp.path, layer, path)), { recursive: true });
    writeFileSync(join(temp.path, layer, path), content);
  };
  const optionsOf = (layers: readonly string[], changes: Partial<ClosureOptions> = {}): ClosureOptions => ({
    folder: join(temp.path, "closures"),
    layers: layers.map((layer) => join(temp.path, layer)),
    loaded: [`${MODULES}/express/index.js`],
    links: [["/workspace/node_modules", MODULES]],
    mainPath: "/workspace/node_modules/framework/main.js",
    main: `${MODULES}/framework/main.js`,
    script: "// waits\n",
    read: [],
    cwd: "/workspace",
    baseLayers: 0,
    files: { "preload.json": '["./server"]' },
    ...changes,
  });
  return { temp, put, optionsOf, [Symbol.asyncDispose]: () => temp.remove() };
}

test("a closure has the files with their packages' descriptions, the script as main file, and nothing else", async () => {
  await using at = await closures();
  at.put("base", `${MODULES}/express/index.js`, "old");
  at.put("app", `${MODULES}/express/index.js`, "new");
  at.put("app", `${MODULES}/express/package.json`, "{}");
  at.put("app", `${MODULES}/express/secret.txt`, "secret");
  at.put("app", "/layers/npm/package.json", "the function's");
  const folder = join(at.temp.path, "closures", await ensureClosure(at.optionsOf(["base", "app"])));
  assert.equal(readFileSync(join(folder, MODULES, "express/index.js"), "utf8"), "new");
  assert.equal(readFileSync(join(folder, MODULES, "express/package.json"), "utf8"), "{}");
  assert.equal(readFileSync(join(folder, MODULES, "framework/main.js"), "utf8"), "// waits\n");
  assert.equal(readlinkSync(join(folder, "workspace/node_modules")), MODULES);
  assert.ok(!existsSync(join(folder, MODULES, "express/secret.txt")));
  assert.ok(!existsSync(join(folder, "layers/npm/package.json")));
});

test("functions share a closure exactly when its files are the same", async () => {
  await using at = await closures();
  for (const layer of ["one", "two", "other"]) at.put(layer, `${MODULES}/express/index.js`, "same");
  at.put("other", `${MODULES}/express/package.json`, '{ "version": "2" }');
  const names: string[] = [];
  for (const layer of ["one", "two", "other"]) names.push(await ensureClosure(at.optionsOf([layer])));
  const [one, two, other] = names;
  assert.equal(one, two);
  assert.notEqual(one, other);
});

test("paths lead nowhere but into the layers", async () => {
  await using at = await closures();
  at.put("app", "/real/file.js", "");
  symlinkSync("/etc", join(at.temp.path, "app/etc"));
  for (const path of ["/etc/passwd", "/real/../../../../etc/passwd", "real/file.js", "/missing.js"]) {
    await assert.rejects(
      ensureClosure(at.optionsOf(["app"], { loaded: [path] })),
      /is in no layer|is no absolute path/,
    );
  }
});
