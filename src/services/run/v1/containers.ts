import { create } from "@bufbuild/protobuf";
import { type Container, ContainerSchema, type EnvVar } from "../../../gen/google/cloud/run/v2/k8s.min_pb.js";
import { invalidArgument, unsupportedField } from "../../../wire/errors.ts";
import type { KnativeContainer, KnativeVariable } from "./knative.ts";
import { probesFromKnative, probesToKnative } from "./probes.ts";
import { checkResourceRequests } from "./resource-requests.ts";
import { aliasOf, type SecretAliases } from "./secret-aliases.ts";

/** The v2 container of a v1 one; `path` is where it stands, for errors. */
export function containerFromKnative(given: KnativeContainer, path: string, aliases: SecretAliases): Container {
  checkResourceRequests(given, `${path}.resources.requests`);
  checkPullPolicy(given.imagePullPolicy, `${path}.imagePullPolicy`);
  return create(ContainerSchema, {
    name: given.name ?? "",
    image: given.image ?? "",
    command: given.command ?? [],
    args: given.args ?? [],
    env: (given.env ?? []).map((each, index) => variableFromKnative(each, `${path}.env[${index}]`, aliases)),
    // v1 says on the template whether CPU is throttled, and throttled is its default.
    resources: { limits: given.resources?.limits ?? {}, cpuIdle: true },
    ports: (given.ports ?? []).map((port, index) => {
      checkProtocol(port.protocol, `${path}.ports[${index}].protocol`);
      return { name: port.name ?? "", containerPort: port.containerPort ?? 0 };
    }),
    volumeMounts: (given.volumeMounts ?? []).map(({ name = "", mountPath = "", subPath = "" }) => {
      return { name, mountPath, subPath };
    }),
    workingDir: given.workingDir ?? "",
    ...probesFromKnative(given),
  });
}

/** The v1 container of a v2 one. */
export function containerToKnative(container: Container): KnativeContainer {
  const { name, image, command, args, env, resources, ports, workingDir, volumeMounts } = container;
  return {
    ...(name !== "" && { name }),
    image,
    ...(command.length > 0 && { command }),
    ...(args.length > 0 && { args }),
    ...(env.length > 0 && { env: env.map(variableToKnative) }),
    ...(resources && { resources: { limits: resources.limits } }),
    ...(ports.length > 0 && { ports: ports.map((port) => ({ name: port.name, containerPort: port.containerPort })) }),
    ...(volumeMounts.length > 0 && { volumeMounts: volumeMounts.map(mountToKnative) }),
    ...(workingDir !== "" && { workingDir }),
    ...probesToKnative(container),
  };
}

function variableFromKnative(given: KnativeVariable, path: string, aliases: SecretAliases) {
  const { name = "", value = "", valueFrom } = given;
  const reference = valueFrom?.secretKeyRef;
  if (!reference) return { name, values: { case: "value" as const, value } };
  const { name: secret = "", key = "" } = reference;
  if (key === "") {
    const field = `${path}.valueFrom.secretKeyRef.key`;
    const description = "required field not present.";
    throw invalidArgument(`${field}: ${description}`, [{ field, description }]);
  }
  const secretKeyRef = { secret: aliases.get(secret) ?? secret, version: key };
  return { name, values: { case: "valueSource" as const, value: { secretKeyRef } } };
}

function variableToKnative({ name, values }: EnvVar): KnativeVariable {
  const secret = values.case === "valueSource" ? values.value.secretKeyRef : undefined;
  if (secret) return { name, valueFrom: { secretKeyRef: { name: aliasOf(secret.secret), key: secret.version } } };
  return values.case === "value" && values.value !== "" ? { name, value: values.value } : { name };
}

function mountToKnative({ name, mountPath, subPath }: Container["volumeMounts"][number]) {
  return { name, mountPath, ...(subPath !== "" && { subPath }) };
}

/** A tag is resolved when a revision is made, and instances start from that digest: Always and IfNotPresent are the same. */
function checkPullPolicy(policy: string | undefined, field: string): void {
  if (policy === "Never") throw unsupportedField(`${field}: Never`);
  if (["", "Always", "IfNotPresent"].includes(policy ?? "")) return;
  const description = "must be one of Always, Never, IfNotPresent.";
  throw invalidArgument(`${field}: ${description}`, [{ field, description }]);
}

function checkProtocol(protocol: string | undefined, field: string): void {
  if (protocol === undefined || protocol === "" || protocol === "TCP") return;
  throw invalidArgument(`${field}: must be TCP.`, [{ field, description: "must be TCP." }]);
}
