import type { Container } from "../../../gen/google/cloud/run/v2/k8s.min_pb.js";

/** The container that serves requests: the one with a port, or else the first. */
export function mainContainerOf(containers: readonly Container[]): Container | undefined {
  return containers.find(({ ports }) => ports.length > 0) ?? containers[0];
}
