import assert from "node:assert/strict";
import { mkdtempDisposableSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { systemClock } from "../../platform/clock.ts";
import { silentLog } from "../../platform/log.ts";
import { testTools } from "../host/testing/test-tools.ts";
import { createSandboxes } from "./sandboxes.ts";
import { makeHostLayer } from "./testing/host-layer.ts";
import { runTestSandbox } from "./testing/test-sandbox.ts";

/** Each line is tried by itself and says OPEN when it does what would lead out of the sandbox. */
const ESCAPES = [
  "mount -t proc proc /mnt",
  "unshare --pid --fork mount -t proc proc /mnt",
  "mount -o remount,bind,rw /proc/sys",
  "mount --bind /proc /mnt",
  "mount --rbind /proc /mnt && echo nested > /mnt/sys/kernel/hostname",
  "echo nested > /proc/sys/kernel/hostname",
  "echo h > /proc/sysrq-trigger",
  "mount -t sysfs sys /mnt",
  "mount -o remount,bind,rw /sys",
  "mount -t cgroup2 cgroup /mnt",
  "mount -t cgroup -o pids cgroup /mnt",
  "mount -t devtmpfs dev /mnt",
  "mount -t debugfs debug /mnt",
  "unshare --net true",
  "unshare --cgroup true",
];

for (const { kind: runtimeKind, path: runtime } of (await testTools()).runtimes) {
  test(`namespaces nested in a sandbox of ${runtimeKind} mount for themselves, and open nothing`, async () => {
    using temp = mkdtempDisposableSync(join(tmpdir(), "homerun-nesting-"));
    const dataDir = temp.path;
    using layer = makeHostLayer();
    await using sandboxes = createSandboxes({ dataDir, runtime, runtimeKind, clock: systemClock, log: silentLog });
    const attempts = ESCAPES.map((escape) => `if (${escape}) 2>/dev/null; then echo "OPEN: ${escape}"; fi`);
    const script = ["mount -t tmpfs none /tmp && mount -t tmpfs none /mnt && echo mounted", ...attempts].join("\n");
    const nested = await runTestSandbox(sandboxes, {
      layers: [layer.folder],
      args: ["/bin/unshare", "--user", "--map-root-user", "--mount", "/bin/sh", "-c", script],
      user: { uid: 0, gid: 0 },
      mounts: [{ source: dataDir, destination: "/mnt", readOnly: true }],
      nesting: true,
    });
    assert.deepEqual([nested.stdout, nested.stderr, nested.exitCode], ["mounted\n", "", 0]);
  });
}
