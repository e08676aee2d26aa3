import type { SandboxLimits, SandboxMount, SandboxSpec } from "../sandbox.ts";
import { CPU_PERIOD_MICROSECONDS, cpuQuotaMicroseconds, cpuShares } from "./cgroups/cgroup.ts";
import { seccompProfile } from "./seccomp-profile.ts";

/** What root of a sandbox may do: own its files and change users, nothing that reaches beyond the sandbox. */
const ROOT_CAPABILITIES = [
  "CAP_CHOWN",
  "CAP_DAC_OVERRIDE",
  "CAP_FOWNER",
  "CAP_FSETID",
  "CAP_KILL",
  "CAP_NET_BIND_SERVICE",
  "CAP_SETFCAP",
  "CAP_SETGID",
  "CAP_SETPCAP",
  "CAP_SETUID",
  "CAP_SYS_CHROOT",
];
const MASKED_PATHS = [
  "/proc/acpi",
  "/proc/asound",
  "/proc/interrupts",
  "/proc/kcore",
  "/proc/keys",
  "/proc/latency_stats",
  "/proc/sched_debug",
  "/proc/scsi",
  "/proc/timer_list",
  "/proc/timer_stats",
  "/sys/devices/virtual/powercap",
  "/sys/firmware",
];
const READ_ONLY_PATHS = ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"];
const MAX_OPEN_FILES = 65_536;
/** Under memory pressure of the whole host the kernel picks a sandbox before the server. */
const OOM_SCORE_ADJ = 500;

export interface OciConfigPaths {
  /** The mounted root file system, relative to the bundle or absolute. */
  readonly root: string;
  /** linux.cgroupsPath. */
  readonly cgroup: string;
  /** Host files mounted over /etc/resolv.conf and the like: destination by source. */
  readonly files: readonly SandboxMount[];
}

/** What the host allows. */
export interface OciConfigHost {
  readonly cgroupVersion: 1 | 2;
  /** Open files a process may have at most; raising it may be denied to the server. */
  readonly maxOpenFiles: number;
}

/** The config.json of the OCI runtime specification for a sandbox. */
export function ociConfig(spec: SandboxSpec, paths: OciConfigPaths, host: OciConfigHost): object {
  const openFiles = Math.min(MAX_OPEN_FILES, host.maxOpenFiles);
  const capabilities = spec.user.uid === 0 ? ROOT_CAPABILITIES : [];
  return {
    ociVersion: "1.0.2",
    process: {
      terminal: false,
      user: { uid: spec.user.uid, gid: spec.user.gid },
      args: spec.args,
      env: Object.entries(spec.env).map(([name, value]) => `${name}=${value}`),
      cwd: spec.cwd,
      capabilities: { bounding: capabilities, effective: capabilities, permitted: capabilities },
      rlimits: [
        { type: "RLIMIT_NOFILE", soft: openFiles, hard: openFiles },
        { type: "RLIMIT_CORE", soft: 0, hard: 0 },
      ],
      noNewPrivileges: true,
      oomScoreAdj: OOM_SCORE_ADJ,
    },
    root: { path: paths.root, readonly: spec.writableRoot === "no" },
    hostname: spec.hostname,
    mounts: [...systemMounts(spec), ...[...paths.files, ...spec.mounts].map(bindMount)],
    linux: {
      namespaces: namespaces(spec),
      cgroupsPath: paths.cgroup,
      resources: resources(spec.limits, host.cgroupVersion),
      sysctl: { "net.ipv4.ip_unprivileged_port_start": "0" },
      seccomp: seccompProfile(process.arch, spec.nesting),
      maskedPaths: MASKED_PATHS,
      readonlyPaths: READ_ONLY_PATHS,
    },
  };
}

function namespaces(spec: SandboxSpec): object[] {
  const network = spec.network === "none" ? {} : { path: spec.network.namespacePath };
  return [
    { type: "pid" },
    { type: "mount" },
    { type: "ipc" },
    { type: "uts" },
    { type: "cgroup" },
    { type: "network", ...network },
  ];
}

function systemMounts(spec: SandboxSpec): object[] {
  const memory = `size=${spec.limits.memoryBytes}`;
  const mounts = [
    { destination: "/proc", type: "proc", source: "proc", options: ["nosuid", "noexec", "nodev"] },
    { destination: "/dev", type: "tmpfs", source: "tmpfs", options: ["nosuid", "strictatime", "mode=755", "size=64k"] },
    {
      destination: "/dev/pts",
      type: "devpts",
      source: "devpts",
      options: ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620"],
    },
    {
      destination: "/dev/shm",
      type: "tmpfs",
      source: "shm",
      options: ["nosuid", "noexec", "nodev", "mode=1777", memory],
    },
    { destination: "/sys", type: "sysfs", source: "sysfs", options: ["nosuid", "noexec", "nodev", "ro"] },
    {
      destination: "/sys/fs/cgroup",
      type: "cgroup",
      source: "cgroup",
      options: ["nosuid", "noexec", "nodev", "relatime", "ro"],
    },
  ];
  if (spec.writableRoot === "disk" || spec.mounts.some((mount) => mount.destination === "/tmp")) return mounts;
  const options = ["nosuid", "nodev", "mode=1777", memory];
  return [...mounts, { destination: "/tmp", type: "tmpfs", source: "tmpfs", options }];
}

function bindMount(mount: SandboxMount): object {
  const options = ["bind", "nosuid", "nodev", "private", mount.readOnly ? "ro" : "rw"];
  return { destination: mount.destination, type: "bind", source: mount.source, options };
}

function resources(limits: SandboxLimits, cgroupVersion: 1 | 2): object {
  return {
    devices: [{ allow: false, access: "rwm" }],
    memory: { limit: limits.memoryBytes },
    cpu: {
      quota: cpuQuotaMicroseconds(limits.cpus),
      period: CPU_PERIOD_MICROSECONDS,
      shares: cpuShares(limits.cpus),
    },
    pids: { limit: limits.pids },
    ...(cgroupVersion === 2 ? { unified: { "memory.oom.group": "1" } } : {}),
  };
}
