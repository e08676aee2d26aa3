import type { Container, EnvVar } from "../../../gen/google/cloud/run/v2/k8s.min_pb.js";
import { parseReference } from "../../../oci/reference.ts";
import { MAX_ENV_NAME, MAX_ENV_VALUE_BYTES } from "../limits.ts";
import { parseSecretName } from "../secrets/secret-name.ts";
import type { Violation } from "./violations.ts";
import { probesViolations } from "./probes.ts";

/** Set by Cloud Run itself. Google: container runtime contract, environment variables. */
const RESERVED_ENV = ["K_SERVICE", "K_REVISION", "K_CONFIGURATION"];

/** Faults of a container by itself, but for its name, mounts and resources; `at` is its path. */
export function containerViolations(container: Container, at: string): Violation[] {
  return [
    ...imageViolations(container.image, `${at}.image`),
    ...envViolations(container, `${at}.env`),
    ...portViolations(container, `${at}.ports`),
    ...probesViolations(container, at),
    ...(container.workingDir === "" || container.workingDir.startsWith("/")
      ? []
      : [{ field: `${at}.working_dir`, description: "must be an absolute path.", protoLevel: true }]),
  ];
}

function* imageViolations(image: string, field: string): Iterable<Violation> {
  if (image === "") return yield { field, description: "required field not present.", protoLevel: true };
  try {
    parseReference(image);
  } catch {
    yield {
      field,
      description: `Expected an image path like host/repo-path[:tag and/or @digest] but obtained ${image}`,
    };
  }
}

function* envViolations({ env, ports }: Container, field: string): Iterable<Violation> {
  const names = env.map(({ name }) => name);
  // A sidecar gets no PORT from Cloud Run, and may be told one.
  const isReserved = (name: string) => RESERVED_ENV.includes(name) || (name === "PORT" && ports.length > 0);
  yield* reservedEnvViolations(names.filter(isReserved), field);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) yield { field, description: `Environment variable '${twice}' is defined more than once.` };
  for (const [index, variable] of env.entries()) yield* variableViolations(variable, field, `${field}[${index}]`);
}

/** The fault of telling variables that the container contract has, by their names. */
export function* reservedEnvViolations(reserved: readonly string[], field: string): Iterable<Violation> {
  if (reserved.length === 0) return;
  const description = `The following reserved env names were provided: ${reserved.join(", ")}. These values are automatically set by the system.`;
  yield { field, description };
}

function* variableViolations({ name, values }: EnvVar, list: string, at: string): Iterable<Violation> {
  if (name === "" || name.length > MAX_ENV_NAME || /[=\0]/.test(name)) {
    yield { field: list, description: `Invalid environment variable name '${name}'.` };
  }
  if (values.case === "value" && Buffer.byteLength(values.value) > MAX_ENV_VALUE_BYTES) {
    const description = `The value of environment variable '${name}' is longer than ${MAX_ENV_VALUE_BYTES} bytes.`;
    yield { field: list, description };
  }
  if (values.case === "valueSource") {
    const field = `${at}.value_source.secret_key_ref`;
    const secret = values.value.secretKeyRef?.secret ?? "";
    if (secret === "") yield { field: `${field}.secret`, description: "required field not present.", protoLevel: true };
    else if (!parseSecretName(secret)) yield { field: `${field}.secret`, description: secretNameFault(secret) };
  }
}

/** What is wrong with a name that is not one of a secret. */
export function secretNameFault(name: string): string {
  return `Invalid secret name '${name}'. Must be the id of a secret, or projects/PROJECT/secrets/SECRET.`;
}

function* portViolations({ ports }: Container, field: string): Iterable<Violation> {
  if (ports.length > 1) yield { field, description: "ports should contain 0 or 1 port.", protoLevel: true };
  for (const { name, containerPort } of ports) {
    if (name !== "http1" && name !== "h2c") {
      yield { field: `${field}[0].name`, description: 'Port name must be one of "http1" and "h2c".' };
    }
    if (containerPort < 1 || containerPort > 65_535) {
      const description = "must be between 1 and 65535.";
      yield { field: `${field}[0].container_port`, description, protoLevel: true };
    }
  }
}
