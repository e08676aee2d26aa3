import assert from "node:assert/strict";
import { test } from "node:test";
import { fitContainer } from "./oci-config.ts";

const ADDED = {
  env: { SSL_CERT_FILE: "/dev/homerun/ca.pem", HTTPS_PROXY: "p" },
  files: { "/dev/homerun/ca.pem": "/ca" },
};

test("a container gets the step's /proc, /sys and files, no cgroups, and variables it does not have", () => {
  const fitted = fitContainer(
    {
      process: { env: ["A=b", "HTTPS_PROXY=own"] },
      mounts: [
        { destination: "/proc", type: "proc", source: "proc" },
        { destination: "/sys", type: "sysfs", source: "sysfs" },
        { destination: "/sys/fs/cgroup", type: "cgroup", source: "cgroup" },
        { destination: "/dev", type: "tmpfs", source: "tmpfs" },
      ],
      linux: { namespaces: [{ type: "pid" }, { type: "cgroup" }], cgroupsPath: "/x", resources: {} },
    },
    ADDED,
  );
  assert.deepEqual(fitted.process.env, ["SSL_CERT_FILE=/dev/homerun/ca.pem", "A=b", "HTTPS_PROXY=own"]);
  const mounts = fitted.mounts!.map(({ source, destination, type }) => `${type} ${source} ${destination}`);
  const own = ["bind /proc /proc", "bind /sys /sys", "tmpfs tmpfs /dev", "bind /ca /dev/homerun/ca.pem"];
  assert.deepEqual(mounts, own);
  assert.deepEqual(fitted.linux, { namespaces: [{ type: "pid" }] });
});

test("a network of its own is refused", () => {
  const config = { process: {}, linux: { namespaces: [{ type: "network" }] } };
  assert.throws(() => fitContainer(config, ADDED), /networks other than/);
});
