import assert from "node:assert/strict";
import { mkdirSync, mkdtempDisposableSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { LifecycleError } from "./errors.ts";
import { readLaunchEnvironment } from "./launch-environment.ts";
import { readLaunchMetadata, readStore, readUnmet } from "./launch-metadata.ts";
import { hasContent, readLayerMetadata } from "./layer-metadata.ts";
import { readSboms } from "./sbom.ts";

/** Asserts that reading a folder that `write` filled fails with a message for the user. */
function fails(message: RegExp, write: (folder: string) => void, read: (folder: string) => unknown): void {
  using temp = mkdtempDisposableSync(join(tmpdir(), "lies-"));
  write(temp.path);
  assert.throws(
    () => read(temp.path),
    (error) => error instanceof LifecycleError && message.test(error.message),
    String(message),
  );
}

const file =
  (name: string, content: string, size?: number) =>
  (folder: string): void => {
    writeFileSync(join(folder, name), content);
    if (size !== undefined) truncateSync(join(folder, name), size);
  };

test("a layer's metadata has the types it must have, and the layer is a folder of its own", () => {
  const read = (folder: string): unknown => readLayerMetadata(folder, "x");
  fails(/x\.toml: types must be a table/, file("x.toml", "types = 1"), read);
  fails(/x\.toml: types: launch must be a boolean/, file("x.toml", '[types]\nlaunch = "yes"'), read);
  fails(/x\.toml: launch must be in the table types/, file("x.toml", "launch = true"), read);
  fails(/x\.toml: Invalid TOML/, file("x.toml", "[types"), read);
  fails(/x\.toml is larger than/, file("x.toml", "", 2 ** 30), read);
  const content = (folder: string): unknown => hasContent(folder, "x");
  fails(/\/x is not a directory/, (folder) => symlinkSync("/", join(folder, "x")), content);
  fails(/\/x is not a directory/, file("x", ""), content);
  const huge = (folder: string): void => {
    mkdirSync(join(folder, "env.launch"));
    file("env.launch/HUGE", "", 2 ** 30)(folder);
  };
  fails(/HUGE is larger than 131072 bytes/, huge, readLaunchEnvironment);
});

test("launch.toml has processes that can be started, and labels with keys", () => {
  const cases: [RegExp, string][] = [
    [/launch\.toml: processes\[0\]: process type 'web' has no command/, '[[processes]]\ntype = "web"'],
    [/'\.\.\/x' is not a process type/, '[[processes]]\ntype = "../x"\ncommand = ["a"]'],
    [/'\.\.' is not a process type/, '[[processes]]\ntype = ".."\ncommand = ["a"]'],
    [/command must be an array of strings/, '[[processes]]\ntype = "web"\ncommand = "a"'],
    [/direct is not supported/, '[[processes]]\ntype = "a"\ncommand = ["a"]\ndirect = true'],
    [/processes must be an array of tables/, "processes = [1]"],
    [/labels\[0\]: key is missing/, '[[labels]]\nvalue = "x"'],
    [/slices\[0\]: paths must be an array of strings/, "[[slices]]\npaths = [1]"],
    [
      /multiple default process types aren't allowed/,
      ["a", "b"].map((type) => `[[processes]]\ntype = "${type}"\ncommand = ["x"]\ndefault = true\n`).join(""),
    ],
  ];
  for (const [message, toml] of cases)
    fails(message, file("launch.toml", toml), (folder) => readLaunchMetadata(folder, "bp", "0.12"));
  const old = '[[processes]]\ntype = "web"\ncommand = ["a"]';
  fails(/command must be a string/, file("launch.toml", old), (folder) => readLaunchMetadata(folder, "bp", "0.8"));
  fails(/larger than/, file("launch.toml", "", 2 ** 30), (folder) => readLaunchMetadata(folder, "bp", "0.8"));
});

test("build.toml, store.toml and bills of materials are files that can be read", () => {
  const unmet = (folder: string): unknown => readUnmet(folder, [{ name: "y" }]);
  fails(/'x' is not a requested dependency/, file("build.toml", '[[unmet]]\nname = "x"'), unmet);
  fails(/name is missing/, file("build.toml", "[[unmet]]"), unmet);
  fails(/store\.toml is not a file/, (folder) => mkdirSync(join(folder, "store.toml")), readStore);
  fails(/store\.toml is not a file/, (folder) => symlinkSync("/dev/zero", join(folder, "store.toml")), readStore);
  const sboms = (folder: string): unknown => readSboms(folder, "launch");
  fails(/launch\.sbom\.cdx\.json is larger than/, file("launch.sbom.cdx.json", "", 2 ** 30), sboms);
});
