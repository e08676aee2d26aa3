import {
  ALLOWED_SYSCALLS,
  ALLOWED_X86_SYSCALLS,
  NESTING_SYSCALLS,
  NEWER_MOUNT_SYSCALLS,
  REFUSED_SYSCALLS,
} from "./syscalls.ts";

const EPERM = 1;
const ENOSYS = 38;
/** CLONE_NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET and NEWNS (linux/sched.h). */
const NAMESPACE_FLAGS = 0x7e020000;
/** Those of them that stay refused where namespaces may be nested: CLONE_NEWCGROUP and NEWNET. */
const NEVER_NESTED_FLAGS = 0x42000000;
/** AF_UNIX, AF_INET, AF_INET6, AF_NETLINK: no raw packets, no kernel crypto, no way to the hypervisor. */
const SOCKET_FAMILIES = [1, 2, 10, 16];
/** PER_LINUX, PER_LINUX32, both with UNAME26, and the query. */
const PERSONALITIES = [0x0, 0x8, 0x20000, 0x20008, 0xffffffff];

/** linux.seccomp of the OCI runtime specification. */
export interface SeccompProfile {
  readonly defaultAction: "SCMP_ACT_ERRNO";
  readonly defaultErrnoRet: number;
  readonly architectures: readonly string[];
  readonly syscalls: readonly SeccompRule[];
}

interface SeccompRule {
  readonly names: readonly string[];
  readonly action: "SCMP_ACT_ALLOW" | "SCMP_ACT_ERRNO";
  readonly errnoRet?: number;
  readonly args?: readonly { index: number; value: number; valueTwo?: number; op: string }[];
}

/**
 * A default-deny filter: what programs need is allowed, what administers a machine is refused with EPERM, and what is on
 * neither list does not exist (ENOSYS), so that a libc that tries a newer call falls back to an older one.
 *
 * With `nesting`, a process may make namespaces and mount within them, as every user of an ordinary Linux may. What the
 * sandbox has mounted, masked or made read-only is locked there by the kernel, and no new /proc can be mounted because
 * the one that is there is masked (mount_namespaces(7)). Network and cgroup namespaces stay refused: nothing needs
 * what the kernel opens to their owners.
 */
export function seccompProfile(arch: NodeJS.Architecture, nesting = false): SeccompProfile {
  const x86 = arch === "x64";
  const refused = nesting ? REFUSED_SYSCALLS.filter((name) => !isForNesting(name)) : REFUSED_SYSCALLS;
  return {
    defaultAction: "SCMP_ACT_ERRNO",
    defaultErrnoRet: ENOSYS,
    architectures: [x86 ? "SCMP_ARCH_X86_64" : "SCMP_ARCH_AARCH64"],
    syscalls: [
      { names: x86 ? [...ALLOWED_SYSCALLS, ...ALLOWED_X86_SYSCALLS] : ALLOWED_SYSCALLS, action: "SCMP_ACT_ALLOW" },
      { names: refused, action: "SCMP_ACT_ERRNO", errnoRet: EPERM },
      ...(nesting ? nestingRules() : [allowWithoutFlags("clone", NAMESPACE_FLAGS)]),
      ...allowWhenFirstArgument("socket", SOCKET_FAMILIES),
      ...allowWhenFirstArgument("personality", PERSONALITIES),
    ],
  };
}

/** Programs fall back from the newer calls for mounting to the older one where those do not exist. */
function isForNesting(name: string): boolean {
  return NESTING_SYSCALLS.includes(name) || NEWER_MOUNT_SYSCALLS.includes(name);
}

function nestingRules(): SeccompRule[] {
  const always = NESTING_SYSCALLS.filter((name) => name !== "unshare");
  return [
    { names: always, action: "SCMP_ACT_ALLOW" },
    ...["clone", "unshare"].map((name) => allowWithoutFlags(name, NEVER_NESTED_FLAGS)),
  ];
}

function allowWithoutFlags(name: string, flags: number): SeccompRule {
  return {
    names: [name],
    action: "SCMP_ACT_ALLOW",
    args: [{ index: 0, value: flags, valueTwo: 0, op: "SCMP_CMP_MASKED_EQ" }],
  };
}

function allowWhenFirstArgument(name: string, values: readonly number[]): SeccompRule[] {
  return values.map((value) => ({
    names: [name],
    action: "SCMP_ACT_ALLOW",
    args: [{ index: 0, value, op: "SCMP_CMP_EQ" }],
  }));
}
