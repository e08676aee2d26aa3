import type { Container, Probe } from "../../gen/google/cloud/run/v2/k8s.min_pb.js";
import { parseReference } from "../../oci/reference.ts";
import { MAX_ENV_VALUE_BYTES } from "./limits.ts";
import type { Violation } from "./violations.ts";

const AT = "template.containers[0]";
/** Set by Cloud Run itself. Google: container runtime contract, environment variables. */
const RESERVED_ENV = ["PORT", "K_SERVICE", "K_REVISION", "K_CONFIGURATION"];
const MAX_PROBE_SECONDS = 240;

/** Faults of the container that serves requests, but for its resources. */
export function containerViolations(container: Container): Violation[] {
  return [
    ...imageViolations(container.image),
    ...envViolations(container),
    ...portViolations(container),
    ...(container.startupProbe ? probeViolations(container.startupProbe) : []),
    ...(container.workingDir === "" || container.workingDir.startsWith("/")
      ? []
      : [{ field: `${AT}.working_dir`, description: "must be an absolute path.", protoLevel: true }]),
  ];
}

function* imageViolations(image: string): Iterable<Violation> {
  const field = `${AT}.image`;
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

function* envViolations({ env }: Container): Iterable<Violation> {
  const field = `${AT}.env`;
  const names = env.map(({ name }) => name);
  const reserved = names.filter((name) => RESERVED_ENV.includes(name));
  if (reserved.length > 0) {
    const description = `The following reserved env names were provided: ${reserved.join(", ")}. These values are automatically set by the system.`;
    yield { field, description };
  }
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) yield { field, description: `Environment variable '${twice}' is defined more than once.` };
  for (const { name, values } of env) {
    if (name === "" || /[=\0]/.test(name)) {
      yield { field, description: `Invalid environment variable name '${name}'.` };
    }
    if (values.case === "value" && Buffer.byteLength(values.value) > MAX_ENV_VALUE_BYTES) {
      yield {
        field,
        description: `The value of environment variable '${name}' is longer than ${MAX_ENV_VALUE_BYTES} bytes.`,
      };
    }
  }
}

function* portViolations({ ports }: Container): Iterable<Violation> {
  const field = `${AT}.ports`;
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

function* probeViolations(probe: Probe): Iterable<Violation> {
  const field = `${AT}.startup_probe`;
  if (probe.probeType.case === undefined) {
    yield { field, description: "Exactly one of http_get, tcp_socket and grpc must be specified." };
  }
  if (probe.initialDelaySeconds < 0 || probe.initialDelaySeconds > MAX_PROBE_SECONDS) {
    yield { field: `${field}.initial_delay_seconds`, description: `must be between 0 and ${MAX_PROBE_SECONDS}.` };
  }
  if (probe.periodSeconds < 1 || probe.periodSeconds > MAX_PROBE_SECONDS) {
    yield { field: `${field}.period_seconds`, description: `must be between 1 and ${MAX_PROBE_SECONDS}.` };
  }
  if (probe.timeoutSeconds < 1 || probe.timeoutSeconds > probe.periodSeconds) {
    yield { field: `${field}.timeout_seconds`, description: "must be between 1 and period_seconds." };
  }
  if (probe.failureThreshold < 1) yield { field: `${field}.failure_threshold`, description: "must be at least 1." };
}
