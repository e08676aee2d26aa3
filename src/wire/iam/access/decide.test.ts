import assert from "node:assert/strict";
import { test } from "node:test";
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { PolicySchema } from "../../../gen/google/iam/v1/policy_pb.js";
import { predefinedRoles } from "../roles/predefined-roles.ts";
import { ancestorsOf } from "./ancestors.ts";
import { decide } from "./decide.ts";
import { membersOf } from "./members.ts";

type Bindings = NonNullable<MessageInitShape<typeof PolicySchema>["bindings"]>;

const NOON_MS = Date.UTC(2026, 5, 1, 12);
const SERVICE = "projects/demo/locations/us-central1/services/hello";
const ANN = membersOf({ kind: "user", email: "ann@example.com" });

function ask(policies: Readonly<Record<string, Bindings>>, permission: string, members = ANN, resourceName = SERVICE) {
  return decide({
    members,
    permission,
    context: {
      resourceName,
      resourceType: "run.googleapis.com/Service",
      resourceService: "run.googleapis.com",
      nowMs: NOON_MS,
    },
    policies: Object.entries(policies).map(([resource, bindings]) => ({
      resource,
      policy: create(PolicySchema, { bindings }),
    })),
    permissionsOf: (role) =>
      role === "projects/demo/roles/own" ? new Set(["run.services.get"]) : predefinedRoles().get(role)?.permissions,
  });
}

test("a role grants its permissions on the resource and on all that is below it, and no others", () => {
  const viewer = [{ role: "roles/run.viewer", members: ["user:ann@example.com"] }];
  const onService = { [SERVICE]: viewer, "projects/demo": [] };
  assert.deepEqual(ask(onService, "run.services.get"), {
    resource: SERVICE,
    member: "user:ann@example.com",
    role: "roles/run.viewer",
  });
  assert.equal(ask({ [SERVICE]: [], "projects/demo": viewer }, "run.services.get")?.resource, "projects/demo");
  assert.equal(ask(onService, "run.services.delete"), undefined);
  const other = membersOf({ kind: "serviceAccount", email: "ann@example.com" });
  assert.equal(ask(onService, "run.services.get", other), undefined);
});

test("allUsers are everybody, allAuthenticatedUsers everybody with an identity, and a domain its addresses", () => {
  const nobody = membersOf({ kind: "anonymous" });
  const invoke = (member: string, members: readonly string[]) =>
    ask({ [SERVICE]: [{ role: "roles/run.invoker", members: [member] }] }, "run.routes.invoke", members) !== undefined;
  assert.deepEqual([invoke("allUsers", nobody), invoke("allAuthenticatedUsers", nobody)], [true, false]);
  assert.deepEqual([invoke("allAuthenticatedUsers", ANN), invoke("domain:example.com", ANN)], [true, true]);
  assert.equal(invoke("domain:example.org", ANN), false);
});

test("custom roles grant what they include, and unknown roles nothing", () => {
  const bound = (role: string) => ({ "projects/demo": [{ role, members: ["user:ann@example.com"] }] });
  assert.ok(ask(bound("projects/demo/roles/own"), "run.services.get"));
  assert.equal(ask(bound("projects/demo/roles/own"), "run.services.list"), undefined);
  assert.equal(ask(bound("roles/no.such"), "run.services.get"), undefined);
});

test("a condition is evaluated on resource and time; what cannot be evaluated grants nothing", () => {
  const granted = (expression: string) =>
    ask(
      { "projects/demo": [{ role: "roles/editor", members: ["user:ann@example.com"], condition: { expression } }] },
      "run.services.get",
    ) !== undefined;
  for (const expression of [
    'resource.name.startsWith("projects/demo/locations/us-central1/")',
    'resource.type == "run.googleapis.com/Service" && resource.service == "run.googleapis.com"',
    'request.time < timestamp("2026-06-01T12:00:01Z")',
    'request.time.getHours("Europe/Berlin") == 14',
    'resource.name.extract("/services/{name}") == "hello"',
    'resource.name.matches("services/[a-z]+$")',
  ])
    assert.equal(granted(expression), true, expression);
  for (const expression of [
    'request.time > timestamp("2026-06-01T12:00:01Z")',
    'resource.name.endsWith("/other")',
    "resource.tag == 1",
    "resource.name",
    "not CEL (",
  ])
    assert.equal(granted(expression), false, expression);
});

test("projectViewer and its like are those who hold the basic role on the project", () => {
  const bucket = "projects/_/buckets/b";
  const bound = [{ role: "roles/storage.legacyBucketReader", members: ["projectViewer:demo"] }];
  const viewers = [{ role: "roles/viewer", members: ["user:ann@example.com"] }];
  assert.equal(ask({ [bucket]: bound, "projects/demo": [] }, "storage.objects.list"), undefined);
  const reason = ask({ [bucket]: bound, "projects/demo": viewers }, "storage.objects.list");
  assert.deepEqual([reason?.member, reason?.resource], ["projectViewer:demo", bucket]);
});

test("every predefined role has a name of Google's and permissions", () => {
  assert.ok(predefinedRoles().size > 200);
  for (const { name, permissions } of predefinedRoles().values()) {
    assert.match(name, /^roles\/[A-Za-z0-9.]+$/);
    for (const permission of permissions) assert.match(permission, /^[a-z]+(\.googleapis\.com\/)?[A-Za-z0-9.]+$/);
  }
  assert.deepEqual([...predefinedRoles().get("roles/run.invoker")!.permissions].toSorted(), [
    "run.instances.invoke",
    "run.jobs.run",
    "run.routes.invoke",
  ]);
});

test("ancestors are the resource, its parents, and its project", () => {
  assert.deepEqual(ancestorsOf(SERVICE), [SERVICE, "projects/demo"]);
  assert.deepEqual(ancestorsOf("projects/demo"), ["projects/demo"]);
  assert.deepEqual(ancestorsOf("projects/p/locations/l/keyRings/r/cryptoKeys/k"), [
    "projects/p/locations/l/keyRings/r/cryptoKeys/k",
    "projects/p/locations/l/keyRings/r",
    "projects/p",
  ]);
});
