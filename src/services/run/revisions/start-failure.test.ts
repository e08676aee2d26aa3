import assert from "node:assert/strict";
import { test } from "node:test";
import { create } from "@bufbuild/protobuf";
import { Condition_CommonReason, Condition_RevisionReason } from "../../../gen/google/cloud/run/v2/condition_pb.js";
import { ContainerSchema } from "../../../gen/google/cloud/run/v2/k8s.min_pb.js";
import { RevisionSchema } from "../../../gen/google/cloud/run/v2/revision_pb.js";
import { Code } from "../../../gen/google/rpc/code_pb.js";
import { revisionNotReady, startFailure } from "./start-failure.ts";

const PROBE = { timeoutSeconds: 240, periodSeconds: 240, failureThreshold: 1 };

function revisionWith(probeSeconds: number) {
  const tcp = { case: "tcpSocket", value: { port: 9000 } } as const;
  const startupProbe = { ...PROBE, periodSeconds: probeSeconds, probeType: tcp };
  return create(RevisionSchema, {
    name: "projects/p/locations/l/services/s/revisions/s-00001-abc",
    logUri: "https://logs.example",
    containers: [{ image: "h.example/i", ports: [{ containerPort: 9000 }], startupProbe }],
  });
}

const failed = (reason: "EXITED" | "OUT_OF_MEMORY" | "IMAGE_NOT_FOUND" | "RUNTIME", logTail: string[] = []) =>
  ({ ready: false, reason, message: "why", logTail }) as const;

test("a container that does not listen is Google's HealthCheckContainerError, with its last lines", () => {
  const failure = startFailure(revisionWith(240), failed("EXITED", ["line 1", "line 2"]));
  assert.equal(failure.code, Code.FAILED_PRECONDITION);
  assert.deepEqual(failure.reason, {
    case: "revisionReason",
    value: Condition_RevisionReason.HEALTH_CHECK_CONTAINER_ERROR,
  });
  assert.equal(
    failure.message,
    [
      "The user-provided container failed to start and listen on the port defined provided by the PORT=9000 environment variable within the allocated timeout. This can happen when the container port is misconfigured or if the timeout is too short. The health check timeout can be extended. Logs for this revision might contain more information.",
      "why",
      "",
      "Last lines of the container's log:",
      "line 1",
      "line 2",
      "",
      "Logs URL: https://logs.example",
      "For more troubleshooting guidance, see https://cloud.google.com/run/docs/troubleshooting#container-failed-to-start",
    ].join("\n"),
  );
});

test("a startup probe of the client's own is told", () => {
  const { message } = startFailure(revisionWith(10), failed("EXITED"));
  assert.match(message, /^The user-provided container failed the configured startup probe checks\. Logs for this/);
});

test("an image that is not there, and a sandbox that fails, have codes of their own", () => {
  const missing = startFailure(revisionWith(240), failed("IMAGE_NOT_FOUND"));
  assert.equal(missing.message, "Image 'h.example/i' not found.");
  assert.equal(missing.code, Code.NOT_FOUND);
  assert.deepEqual(missing.reason, { case: "reason", value: Condition_CommonReason.CONTAINER_MISSING });
  assert.equal(startFailure(revisionWith(240), failed("RUNTIME")).code, Code.INTERNAL);
  assert.match(startFailure(revisionWith(240), failed("OUT_OF_MEMORY")).message, /\nwhy\n/);
});

test("a sidecar's image is named; a secret that may not be read is Google's SecretsAccessCheckFailed", () => {
  const revision = revisionWith(240);
  revision.containers.push(create(ContainerSchema, { name: "proxy", image: "h.example/proxy" }));
  const missing = startFailure(revision, { ...failed("IMAGE_NOT_FOUND"), container: "proxy" });
  assert.equal(missing.message, "Image 'h.example/proxy' not found.");
  const secret = startFailure(revision, { ...failed("RUNTIME"), reason: "SECRET_NOT_ACCESSIBLE" });
  assert.deepEqual([secret.message, secret.code], ["why", Code.INTERNAL]);
  assert.deepEqual(secret.reason, { case: "reason", value: Condition_CommonReason.SECRETS_ACCESS_CHECK_FAILED });
});

test("the service tells which revision it is", () => {
  const failure = startFailure(revisionWith(240), failed("IMAGE_NOT_FOUND"));
  assert.equal(
    revisionNotReady("projects/p/locations/l/services/s/revisions/s-00001-abc", failure).message,
    "Revision 's-00001-abc' is not ready and cannot serve traffic. Image 'h.example/i' not found.",
  );
});
