import assert from "node:assert/strict";
import { mkdirSync, mkdtempDisposableSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { readPipConfiguration } from "./pip-configuration.ts";

const USER = `[global]
# The company's mirror.
index-url = https://me:secret@packages.example/simple
trusted-host = one.example
    two.example:8443
find-links = /opt/wheels

[install]
extra_index_url: https://more.example/simple
`;

test("files and variables of pip are read in pip's order, without credentials and local paths", async () => {
  using temp = mkdtempDisposableSync(join(tmpdir(), "pip-"));
  mkdirSync(join(temp.path, "pip"));
  writeFileSync(join(temp.path, "pip", "pip.conf"), USER);
  const env = { HOME: temp.path, XDG_CONFIG_HOME: temp.path, XDG_CONFIG_DIRS: temp.path };
  const fromFile = await readPipConfiguration(env);
  assert.deepEqual(fromFile, {
    indexUrl: "https://packages.example/simple",
    extraIndexUrls: ["https://more.example/simple"],
    trustedHosts: ["one.example", "two.example:8443"],
  });
  const variables = {
    PIP_INDEX_URL: "https://v.example/",
    PIP_PROXY: "http://p.example:1",
    PIP_EXTRA_INDEX_URL: "a b",
  };
  assert.deepEqual(await readPipConfiguration({ ...env, ...variables }), {
    indexUrl: "https://v.example/",
    extraIndexUrls: ["a", "b"],
    trustedHosts: ["one.example", "two.example:8443"],
    proxy: "http://p.example:1",
  });
  const named = join(temp.path, "named.conf");
  writeFileSync(named, "[install]\nindex-url=https://named.example\n");
  assert.equal((await readPipConfiguration({ ...env, PIP_CONFIG_FILE: named })).indexUrl, "https://named.example");
  const none = await readPipConfiguration({ ...env, PIP_CONFIG_FILE: "/dev/null" });
  assert.deepEqual(none, { extraIndexUrls: [], trustedHosts: [] });
});
