import assert from "node:assert/strict";
import { test } from "node:test";
import { parseCgroupMounts } from "./detect-cgroups.ts";

test("finds the one tree of version 2", () => {
  const { unified, byController } = parseCgroupMounts(
    "24 23 0:22 / /proc rw,nosuid - proc proc rw\n" +
      "30 24 0:26 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate,memory_recursiveprot\n",
  );
  assert.equal(unified, "/sys/fs/cgroup");
  assert.equal(byController.size, 0);
});

test("finds the hierarchies of version 1, and a tree of version 2 beside them", () => {
  const { unified, byController } = parseCgroupMounts(
    "31 30 0:27 / /sys/fs/cgroup/unified rw shared:10 - cgroup2 cgroup2 rw\n" +
      "32 30 0:28 / /sys/fs/cgroup/cpu,cpuacct rw shared:11 - cgroup cgroup rw,cpu,cpuacct\n" +
      "33 30 0:29 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n" +
      "34 30 0:30 / /sys/fs/cgroup/systemd rw - cgroup cgroup rw,xattr,name=systemd\n",
  );
  assert.equal(unified, "/sys/fs/cgroup/unified");
  assert.deepEqual(Object.fromEntries(byController), {
    cpu: "/sys/fs/cgroup/cpu,cpuacct",
    cpuacct: "/sys/fs/cgroup/cpu,cpuacct",
    memory: "/sys/fs/cgroup/memory",
    "name=systemd": "/sys/fs/cgroup/systemd",
  });
});
