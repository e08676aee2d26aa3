import assert from "node:assert/strict";
import { mkdtempDisposableSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { systemClock } from "../../platform/clock.ts";
import { ensureHostTools } from "./host-tools.ts";

test("programs that were chosen or that the host has are taken as they are", async () => {
  using temp = mkdtempDisposableSync(join(tmpdir(), "tools-"));
  const install = (name: string) => writeFileSync(join(temp.path, name), "#!/bin/sh\n", { mode: 0o755 });
  ["runc", "ip", "nft"].forEach(install);
  const deps = { dataFolder: temp.path, clock: systemClock, path: temp.path };
  const found = await ensureHostTools({ ...deps, chosen: { runtime: "/opt/my-crun" } });
  assert.deepEqual(found, {
    runtime: "/opt/my-crun",
    runtimeKind: "crun",
    ip: join(temp.path, "ip"),
    nft: join(temp.path, "nft"),
  });
  install("crun");
  assert.equal((await ensureHostTools(deps)).runtime, join(temp.path, "crun"), "preferred to runc");
  await assert.rejects(ensureHostTools({ ...deps, chosen: { runtime: "/bin/true" } }), /unknown kind/);
});
