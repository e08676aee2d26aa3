import { create } from "@bufbuild/protobuf";
import {
  type Container,
  ContainerSchema,
  type Probe,
  ProbeSchema,
} from "../../../gen/google/cloud/run/v2/k8s.min_pb.js";
import { invalidArgument } from "../../../wire/errors.ts";
import type { KnativeContainer, KnativeProbe } from "./knative.ts";

/** The v2 container of a v1 one; `path` is where it stands, for errors. */
export function containerFromKnative(given: KnativeContainer, path: string): Container {
  return create(ContainerSchema, {
    name: given.name ?? "",
    image: given.image ?? "",
    command: given.command ?? [],
    args: given.args ?? [],
    env: (given.env ?? []).map(({ name = "", value = "" }) => ({ name, values: { case: "value" as const, value } })),
    // v1 says on the template whether CPU is throttled, and throttled is its default.
    resources: { limits: given.resources?.limits ?? {}, cpuIdle: true },
    ports: (given.ports ?? []).map((port, index) => {
      checkProtocol(port.protocol, `${path}.ports[${index}].protocol`);
      return { name: port.name ?? "", containerPort: port.containerPort ?? 0 };
    }),
    workingDir: given.workingDir ?? "",
    ...(given.startupProbe && { startupProbe: probeFromKnative(given.startupProbe, `${path}.startupProbe`) }),
  });
}

/** The v1 container of a v2 one. */
export function containerToKnative(container: Container): KnativeContainer {
  const { name, image, command, args, env, resources, ports, workingDir, startupProbe } = container;
  return {
    ...(name !== "" && { name }),
    image,
    ...(command.length > 0 && { command }),
    ...(args.length > 0 && { args }),
    ...(env.length > 0 && { env: env.map(variableToKnative) }),
    ...(resources && { resources: { limits: resources.limits } }),
    ...(ports.length > 0 && { ports: ports.map((port) => ({ name: port.name, containerPort: port.containerPort })) }),
    ...(workingDir !== "" && { workingDir }),
    ...(startupProbe && { startupProbe: probeToKnative(startupProbe) }),
  };
}

function variableToKnative({ name, values }: Container["env"][number]) {
  return values.case === "value" && values.value !== "" ? { name, value: values.value } : { name };
}

function probeFromKnative(given: KnativeProbe, path: string): Probe {
  const { initialDelaySeconds = 0, timeoutSeconds = 0, periodSeconds = 0, failureThreshold = 0 } = given;
  if ((given.successThreshold ?? 1) !== 1) {
    const field = `${path}.successThreshold`;
    throw invalidArgument(`${field}: must be 1.`, [{ field, description: "must be 1." }]);
  }
  const times = { initialDelaySeconds, timeoutSeconds, periodSeconds, failureThreshold };
  return create(ProbeSchema, { ...times, probeType: probeTypeOf(given) });
}

function probeTypeOf({ httpGet, tcpSocket, grpc }: KnativeProbe) {
  if (httpGet) return { case: "httpGet", value: { path: httpGet.path ?? "", port: httpGet.port ?? 0 } } as const;
  if (tcpSocket) return { case: "tcpSocket", value: { port: tcpSocket.port ?? 0 } } as const;
  if (grpc) return { case: "grpc", value: { port: grpc.port ?? 0, service: grpc.service ?? "" } } as const;
  return { case: undefined };
}

function probeToKnative({ probeType, ...probe }: Probe): KnativeProbe {
  const { initialDelaySeconds, timeoutSeconds, periodSeconds, failureThreshold } = probe;
  return {
    ...(initialDelaySeconds > 0 && { initialDelaySeconds }),
    timeoutSeconds,
    periodSeconds,
    failureThreshold,
    ...(probeType.case === "httpGet" && { httpGet: { path: probeType.value.path, port: probeType.value.port } }),
    ...(probeType.case === "tcpSocket" && { tcpSocket: { port: probeType.value.port } }),
    ...(probeType.case === "grpc" && { grpc: grpcToKnative(probeType.value) }),
  };
}

function grpcToKnative({ port, service }: { port: number; service: string }) {
  return { port, ...(service !== "" && { service }) };
}

function checkProtocol(protocol: string | undefined, field: string): void {
  if (protocol === undefined || protocol === "" || protocol === "TCP") return;
  throw invalidArgument(`${field}: must be TCP.`, [{ field, description: "must be TCP." }]);
}
