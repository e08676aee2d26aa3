import assert from "node:assert/strict";
import { mkdirSync, mkdtempDisposableSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { readAptSources } from "./apt-sources.ts";

test("both forms of apt sources are read, what is disabled or for sources only is not", async () => {
  using temp = mkdtempDisposableSync(join(tmpdir(), "apt-"));
  mkdirSync(join(temp.path, "sources.list.d"));
  const list = [
    "# deb http://commented.example/debian trixie main",
    "deb [arch=amd64 signed-by=/keys/a.gpg] http://one.example/debian/ trixie main contrib # comment",
    "deb-src http://one.example/debian trixie main",
  ];
  writeFileSync(join(temp.path, "sources.list"), list.join("\n"));
  const stanzas = `Types: deb deb-src
# a comment
URIs: http://two.example/debian
 http://three.example/debian
Suites: trixie trixie-updates
Components: main
Signed-By: /keys/b.gpg

Enabled: no
Types: deb
URIs: http://disabled.example/debian
Suites: trixie
Components: main
`;
  writeFileSync(join(temp.path, "sources.list.d", "debian.sources"), stanzas);
  writeFileSync(join(temp.path, "sources.list.d", "old.list.save"), "deb http://saved.example/debian trixie main");
  const two = { components: ["main"], keyring: "/keys/b.gpg" };
  assert.deepEqual(await readAptSources(temp.path), [
    { uri: "http://one.example/debian", suite: "trixie", components: ["main", "contrib"], keyring: "/keys/a.gpg" },
    { uri: "http://two.example/debian", suite: "trixie", ...two },
    { uri: "http://two.example/debian", suite: "trixie-updates", ...two },
    { uri: "http://three.example/debian", suite: "trixie", ...two },
    { uri: "http://three.example/debian", suite: "trixie-updates", ...two },
  ]);
  assert.deepEqual(await readAptSources(join(temp.path, "nowhere")), []);
});
