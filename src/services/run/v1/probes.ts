import { create } from "@bufbuild/protobuf";
import { type Container, type Probe, ProbeSchema } from "../../../gen/google/cloud/run/v2/k8s.min_pb.js";
import type { KnativeContainer, KnativeProbe } from "./knative.ts";

/** The v2 probes of a v1 container. */
export function probesFromKnative({ startupProbe, livenessProbe, readinessProbe }: KnativeContainer) {
  return {
    ...(startupProbe && { startupProbe: probeFromKnative(startupProbe) }),
    ...(livenessProbe && { livenessProbe: probeFromKnative(livenessProbe) }),
    ...(readinessProbe && { readinessProbe: probeFromKnative(readinessProbe) }),
  };
}

/** The v1 probes of a v2 container. */
export function probesToKnative({ startupProbe, livenessProbe, readinessProbe }: Container) {
  return {
    ...(startupProbe && { startupProbe: probeToKnative(startupProbe) }),
    ...(livenessProbe && { livenessProbe: probeToKnative(livenessProbe) }),
    ...(readinessProbe && { readinessProbe: probeToKnative(readinessProbe) }),
  };
}

function probeFromKnative(given: KnativeProbe): Probe {
  const { initialDelaySeconds = 0, timeoutSeconds = 0, periodSeconds = 0, failureThreshold = 0 } = given;
  const { successThreshold = 0 } = given;
  const times = { initialDelaySeconds, timeoutSeconds, periodSeconds, failureThreshold, successThreshold };
  return create(ProbeSchema, { ...times, probeType: probeTypeOf(given) });
}

function probeTypeOf({ httpGet, tcpSocket, grpc }: KnativeProbe) {
  if (httpGet) {
    const { path = "", port = 0, httpHeaders = [] } = httpGet;
    const headers = httpHeaders.map(({ name = "", value = "" }) => ({ name, value }));
    return { case: "httpGet", value: { path, port, httpHeaders: headers } } as const;
  }
  if (tcpSocket) return { case: "tcpSocket", value: { port: tcpSocket.port ?? 0 } } as const;
  if (grpc) return { case: "grpc", value: { port: grpc.port ?? 0, service: grpc.service ?? "" } } as const;
  return { case: undefined };
}

function probeToKnative({ probeType, ...probe }: Probe): KnativeProbe {
  const { initialDelaySeconds, timeoutSeconds, periodSeconds, failureThreshold, successThreshold } = probe;
  return {
    ...(initialDelaySeconds > 0 && { initialDelaySeconds }),
    timeoutSeconds,
    periodSeconds,
    failureThreshold,
    ...(successThreshold > 1 && { successThreshold }),
    ...(probeType.case === "httpGet" && { httpGet: httpToKnative(probeType.value) }),
    ...(probeType.case === "tcpSocket" && { tcpSocket: { port: probeType.value.port } }),
    ...(probeType.case === "grpc" && { grpc: grpcToKnative(probeType.value) }),
  };
}

type Http = Extract<Probe["probeType"], { case: "httpGet" }>["value"];

function httpToKnative({ path, port, httpHeaders }: Http) {
  const headers = httpHeaders.map(({ name, value }) => ({ name, ...(value !== "" && { value }) }));
  return { path, port, ...(headers.length > 0 && { httpHeaders: headers }) };
}

function grpcToKnative({ port, service }: { port: number; service: string }) {
  return { port, ...(service !== "" && { service }) };
}
