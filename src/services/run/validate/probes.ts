import type { Container, HTTPGetAction, Probe } from "../../../gen/google/cloud/run/v2/k8s.min_pb.js";
import type { Violation } from "./violations.ts";

/** What is allowed of a kind of probe. Google: k8s.min.proto, Probe; Cloud Run docs, container health checks. */
interface ProbeRules {
  readonly maxDelaySeconds: number;
  readonly maxPeriodSeconds: number;
  /** Longest time from the first probe to the last one. */
  readonly maxTotalSeconds: number;
  readonly tcp: boolean;
  /** Most successes in a row that a probe may have to have. */
  readonly maxSuccesses: number;
}

const STARTUP: ProbeRules = {
  maxDelaySeconds: 240,
  maxPeriodSeconds: 240,
  maxTotalSeconds: 240,
  tcp: true,
  maxSuccesses: 1,
};
const LIVENESS: ProbeRules = {
  maxDelaySeconds: 3600,
  maxPeriodSeconds: 3600,
  maxTotalSeconds: Infinity,
  tcp: false,
  maxSuccesses: 1,
};
const READINESS: ProbeRules = { ...LIVENESS, maxDelaySeconds: 0, maxSuccesses: 100 };
/** RFC 9110: a token. */
const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

/** Faults of a container's probes, whose defaults are filled in; `at` is the container's path. */
export function probesViolations(container: Container, at: string): Violation[] {
  const { startupProbe, livenessProbe, readinessProbe } = container;
  return [
    ...(startupProbe ? probeViolations(startupProbe, STARTUP, `${at}.startup_probe`) : []),
    ...(livenessProbe ? probeViolations(livenessProbe, LIVENESS, `${at}.liveness_probe`) : []),
    ...(readinessProbe ? probeViolations(readinessProbe, READINESS, `${at}.readiness_probe`) : []),
  ];
}

function probeViolations(probe: Probe, rules: ProbeRules, at: string): Violation[] {
  return [...timeViolations(probe, rules, at), ...targetViolations(probe, rules, at)];
}

function* timeViolations(probe: Probe, rules: ProbeRules, at: string): Iterable<Violation> {
  const { initialDelaySeconds, timeoutSeconds, periodSeconds, failureThreshold } = probe;
  yield* outside(`${at}.initial_delay_seconds`, initialDelaySeconds, 0, rules.maxDelaySeconds);
  yield* outside(`${at}.period_seconds`, periodSeconds, 1, rules.maxPeriodSeconds);
  yield* outside(`${at}.timeout_seconds`, timeoutSeconds, 1, 3600);
  if (timeoutSeconds > periodSeconds) {
    const description = "must be less than or equal to period_seconds.";
    yield { field: `${at}.timeout_seconds`, description, protoLevel: true };
  }
  if (failureThreshold < 1) {
    yield { field: `${at}.failure_threshold`, description: "must be greater or equal than 1.", protoLevel: true };
  }
  yield* outside(`${at}.success_threshold`, probe.successThreshold, 0, rules.maxSuccesses);
  if (failureThreshold * periodSeconds > rules.maxTotalSeconds) {
    const description = `failure_threshold * period_seconds must be at most ${rules.maxTotalSeconds}.`;
    yield { field: `${at}.failure_threshold`, description, protoLevel: true };
  }
}

function* targetViolations({ probeType }: Probe, rules: ProbeRules, at: string): Iterable<Violation> {
  if (probeType.case === undefined) {
    return yield { field: at, description: "Exactly one of http_get, tcp_socket and grpc must be specified." };
  }
  if (probeType.case === "tcpSocket" && !rules.tcp) {
    yield { field: `${at}.tcp_socket`, description: "TCP probes are supported for startup probes only." };
  }
  const kind = { httpGet: "http_get", tcpSocket: "tcp_socket", grpc: "grpc" }[probeType.case];
  yield* outside(`${at}.${kind}.port`, probeType.value.port, 1, 65_535);
  if (probeType.case === "httpGet") yield* httpViolations(probeType.value, `${at}.http_get`);
}

function* httpViolations({ path, httpHeaders }: HTTPGetAction, at: string): Iterable<Violation> {
  if (!path.startsWith("/") || /[\s\0]/.test(path)) {
    yield { field: `${at}.path`, description: "must be a path that begins with '/'." };
  }
  for (const [index, { name, value }] of httpHeaders.entries()) {
    const field = `${at}.http_headers[${index}]`;
    if (name === "") yield { field: `${field}.name`, description: "required field not present.", protoLevel: true };
    else if (!HEADER_NAME.test(name)) yield { field: `${field}.name`, description: `Invalid header name '${name}'.` };
    if (/[\r\n\0]/.test(value)) yield { field: `${field}.value`, description: `Invalid value of header '${name}'.` };
  }
}

function* outside(field: string, value: number, least: number, most: number): Iterable<Violation> {
  if (value >= least && value <= most) return;
  yield { field, description: `must be between ${least} and ${most}.`, protoLevel: true };
}
