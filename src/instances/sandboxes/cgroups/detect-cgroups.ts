import { readFileSync } from "node:fs";
import type { Clock } from "../../../platform/clock.ts";
import { SandboxError } from "../../sandbox.ts";
import type { Cgroups } from "./cgroup.ts";
import { cgroupsV1 } from "./cgroups-v1.ts";
import { cgroupsV2 } from "./cgroups-v2.ts";

/** What the host mounts: one version 2 tree, or version 1 hierarchies by controller, maybe with a version 2 tree beside. */
export interface CgroupMounts {
  readonly unified: string | undefined;
  /** Mount point by controller ("memory") or by name ("name=systemd"); empty on a host of version 2 only. */
  readonly byController: ReadonlyMap<string, string>;
}

/** The control groups of the host, and which version they are. */
export interface DetectedCgroups {
  readonly cgroups: Cgroups;
  readonly version: 1 | 2;
  readonly mounts: CgroupMounts;
}

/** Finds the control groups for a data folder, whose groups all lie below `parent`. Throws SandboxError without any. */
export function detectCgroups(parent: string, clock: Clock): DetectedCgroups {
  const mounts = parseCgroupMounts(readFileSync("/proc/self/mountinfo", "utf8"));
  if (mounts.byController.has("memory")) {
    return { cgroups: cgroupsV1(mounts.byController, mounts.unified, parent, clock), version: 1, mounts };
  }
  if (mounts.unified !== undefined) return { cgroups: cgroupsV2(mounts.unified, parent, clock), version: 2, mounts };
  throw new SandboxError("no cgroup file system with a memory controller is mounted");
}

/** Reads the cgroup mounts from the text of /proc/self/mountinfo (proc_pid_mountinfo(5)). */
export function parseCgroupMounts(mountinfo: string): CgroupMounts {
  const byController = new Map<string, string>();
  let unified: string | undefined;
  for (const line of mountinfo.split("\n")) {
    const [before = "", after = ""] = line.split(" - ");
    const mountPoint = before.split(" ")[4] ?? "";
    const [type, , superOptions = ""] = after.split(" ");
    if (type === "cgroup2") unified ??= mountPoint;
    if (type === "cgroup") addControllers(byController, superOptions, mountPoint);
  }
  return { unified, byController };
}

const NO_CONTROLLER = new Set(["rw", "ro", "xattr", "noprefix", "clone_children", "favordynmods"]);

function addControllers(byController: Map<string, string>, superOptions: string, mountPoint: string): void {
  for (const option of superOptions.split(",")) {
    if (!NO_CONTROLLER.has(option) && !byController.has(option)) byController.set(option, mountPoint);
  }
}
