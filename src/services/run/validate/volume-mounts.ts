import type { Container, Volume, VolumeMount } from "../../../gen/google/cloud/run/v2/k8s.min_pb.js";
import type { Violation } from "./violations.ts";

/** Folders of the system. Google: Cloud Run docs, volume mounts: "/dev, /proc, or /sys, or their subdirectories". */
const SYSTEM_FOLDER = /^\/(dev|proc|sys)(\/|$)/;

/** Faults of where a container mounts volumes; `at` is the container's path. */
export function mountViolations({ volumeMounts }: Container, volumes: readonly Volume[], at: string): Violation[] {
  const names = new Set(volumes.map(({ name }) => name));
  const paths = volumeMounts.map(({ mountPath }) => mountPath.replace(/\/+$/, ""));
  return volumeMounts.flatMap((mount, index) => {
    const here = `${at}.volume_mounts[${index}]`;
    const isTwice = paths.indexOf(paths[index]!) !== index;
    return [
      ...nameViolations(mount, names, `${here}.name`),
      ...pathViolations(mount, `${here}.mount_path`),
      ...(isTwice ? [{ field: `${here}.mount_path`, description: `'${mount.mountPath}' must be unique.` }] : []),
      ...subPathViolations(mount, `${here}.sub_path`),
    ];
  });
}

function* nameViolations({ name }: VolumeMount, names: ReadonlySet<string>, field: string): Iterable<Violation> {
  if (name === "") yield { field, description: "required field not present.", protoLevel: true };
  else if (!names.has(name)) yield { field, description: `Volume '${name}' not found.` };
}

function* pathViolations({ mountPath }: VolumeMount, field: string): Iterable<Violation> {
  if (mountPath === "") return yield { field, description: "required field not present.", protoLevel: true };
  if (mountPath.includes(":")) yield { field, description: "must not contain ':'.", protoLevel: true };
  if (!mountPath.startsWith("/")) yield { field, description: "must be an absolute path.", protoLevel: true };
  else if (!isPlain(mountPath)) {
    yield { field, description: `Invalid mount path '${mountPath}': it must not contain '..'.` };
  } else if (/^\/+$/.test(mountPath) || SYSTEM_FOLDER.test(mountPath)) {
    const description = `Invalid mount path '${mountPath}': /, /dev, /proc and /sys, and what is in the latter three, belong to the system.`;
    yield { field, description };
  }
}

function* subPathViolations({ subPath }: VolumeMount, field: string): Iterable<Violation> {
  if (subPath === "" || (!subPath.startsWith("/") && isPlain(subPath))) return;
  yield { field, description: `Invalid sub path '${subPath}': it must be relative and without '..'.` };
}

function isPlain(path: string): boolean {
  return !path.split("/").some((part) => part === "." || part === "..") && !path.includes("\0");
}
