import assert from "node:assert/strict";
import { mkdirSync, mkdtempDisposableSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { readGoConfiguration } from "./go-configuration.ts";

test("the environment wins over the user's file, and that over the defaults of the installation", async () => {
  using temp = mkdtempDisposableSync(join(tmpdir(), "goenv-"));
  const path = (...parts: string[]): string => join(temp.path, ...parts);
  for (const folder of ["go/bin", "bin", "config/go"]) mkdirSync(path(folder), { recursive: true });
  writeFileSync(path("go/bin/go"), "");
  symlinkSync(path("go/bin/go"), path("bin/go"));
  writeFileSync(path("go/go.env"), "# GOPROXY=none\nGOPROXY=https://a.example,direct\nGOSUMDB=sum.example\n");
  writeFileSync(path("config/go/env"), "GOPROXY=https://b.example|https://c.example\nGOPRIVATE=*.corp.example\n");
  const env = { PATH: `/none:${path("bin")}`, XDG_CONFIG_HOME: path("config") };
  const patterns = { GOPRIVATE: "*.corp.example" };
  assert.deepEqual(await readGoConfiguration(env), {
    proxy: "https://b.example|https://c.example",
    checksumDatabase: "sum.example",
    patterns,
  });
  const set = await readGoConfiguration({ ...env, GOPROXY: "https://d.example", GOSUMDB: "off", GONOPROXY: "" });
  assert.deepEqual(set, { proxy: "https://d.example", checksumDatabase: "off", patterns });
  assert.deepEqual(await readGoConfiguration({ ...env, GOENV: "off", GOROOT: path("elsewhere") }), { patterns: {} });
  assert.deepEqual(await readGoConfiguration({ PATH: "/none" }), { patterns: {} });
});
