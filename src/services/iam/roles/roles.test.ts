import assert from "node:assert/strict";
import { test } from "node:test";
import { bootApi } from "../../../../tests/support/boot-api.ts";
import { until } from "../../../../tests/support/until.ts";
import { createManualClock } from "../../../platform/manual-clock.ts";
import { iam } from "../module.ts";

type Json = Record<string, unknown>;

const DAY_MS = 24 * 3600 * 1000;
const ROLE = "projects/demo/roles/deployer";

async function boot() {
  const clock = createManualClock();
  const api = await bootApi((deps) => [iam(deps)], { clock });
  const call = async (method: string, path: string, body?: Json, status = 200): Promise<Json> => {
    const answer = await api.json(method, path, body);
    assert.equal(answer.status, status, JSON.stringify(answer.body));
    return answer.body;
  };
  const iamCall = (method: string, path: string, body?: Json, status?: number) =>
    call(method, `/iam/v1/${path}`, body, status);
  const messageOf = (body: Json) => (body["error"] as { message: string }).message;
  return { api, clock, call, iamCall, messageOf };
}

test("predefined roles are listed by pages, and got with their permissions", async () => {
  const { api, iamCall, messageOf } = await boot();
  await using _ = api;
  const first = await iamCall("GET", "roles?pageSize=2");
  assert.deepEqual(
    (first["roles"] as Json[]).map(({ name }) => name),
    ["roles/artifactregistry.admin", "roles/artifactregistry.attachmentReader"],
  );
  const next = await iamCall("GET", `roles?pageSize=1&view=FULL&pageToken=${String(first["nextPageToken"])}`);
  const [role] = next["roles"] as [Json];
  assert.equal(role["name"], "roles/artifactregistry.attachmentWriter");
  assert.ok((role["includedPermissions"] as string[]).includes("artifactregistry.attachments.create"));
  const invoker = await iamCall("GET", "roles/run.invoker");
  assert.deepEqual([invoker["title"], invoker["stage"]], ["Cloud Run Invoker", "GA"]);
  const missing = await iamCall("GET", "roles/no.such", undefined, 404);
  assert.equal(messageOf(missing), "The role named roles/no.such was not found.");
});

test("a custom role is created, changed, deleted, undeleted, and gone in the end", async () => {
  const { api, clock, iamCall, messageOf } = await boot();
  await using _ = api;
  const role = { title: "Deployer", includedPermissions: ["run.services.create"], stage: "GA" };
  const created = await iamCall("POST", "projects/demo/roles", { roleId: "deployer", role });
  assert.equal(created["name"], ROLE);
  const again = await iamCall("POST", "projects/demo/roles", { roleId: "deployer", role }, 409);
  assert.equal(messageOf(again), "A role named deployer in projects/demo already exists.");

  const includedPermissions = ["run.services.create", "run.services.get"];
  const changed = await iamCall("PATCH", `${ROLE}?updateMask=includedPermissions`, { includedPermissions, title: "x" });
  assert.deepEqual([changed["includedPermissions"], changed["title"]], [includedPermissions, "Deployer"]);
  await iamCall("PATCH", `${ROLE}?updateMask=title`, { title: "y", etag: created["etag"] }, 409);

  assert.equal((await iamCall("DELETE", ROLE))["deleted"], true);
  assert.deepEqual(await iamCall("GET", "projects/demo/roles"), {});
  assert.equal(((await iamCall("GET", "projects/demo/roles?showDeleted=true"))["roles"] as Json[]).length, 1);
  await iamCall("PATCH", `${ROLE}?updateMask=title`, { title: "y" }, 400);
  assert.equal((await iamCall("POST", `${ROLE}:undelete`, {}))["deleted"], undefined);
  await iamCall("DELETE", ROLE);
  clock.advance(8 * DAY_MS);
  await iamCall("POST", `${ROLE}:undelete`, {}, 404);
  clock.advance(30 * DAY_MS);
  await until(async () => (await api.json("GET", `/iam/v1/${ROLE}`)).status === 404);
});

test("roles out of form are refused, and permissions that do not exist", async () => {
  const { api, iamCall, messageOf } = await boot();
  await using _ = api;
  const create = async (roleId: string, role: Json) =>
    messageOf(await iamCall("POST", "projects/demo/roles", { roleId, role }, 400));
  assert.match(await create("a", {}), /role_id a is invalid/);
  assert.equal(
    await create("abc", { includedPermissions: ["run.services.fly"] }),
    "Permission run.services.fly is not valid.",
  );
  assert.match(await create("abc", { title: "t".repeat(101) }), /title/);
  await iamCall("DELETE", "roles/run.invoker", undefined, 404);
});

test("grantable roles and testable permissions are those of the resource's service", async () => {
  const { api, iamCall } = await boot();
  await using _ = api;
  const secret = "//secretmanager.googleapis.com/projects/demo/secrets/s";
  const { roles } = await iamCall("POST", "roles:queryGrantableRoles", { fullResourceName: secret, pageSize: 1000 });
  const names = (roles as Json[]).map(({ name }) => name);
  assert.ok(names.includes("roles/secretmanager.secretAccessor"));
  assert.ok(!names.includes("roles/pubsub.publisher"));
  const asked = { fullResourceName: secret, pageSize: 1000 };
  const { permissions } = await iamCall("POST", "permissions:queryTestablePermissions", asked);
  assert.ok((permissions as Json[]).every(({ name }) => String(name).startsWith("secretmanager.")));
});

test("a condition that does not compile is told so", async () => {
  const { api, iamCall } = await boot();
  await using _ = api;
  const lint = async (expression: string) =>
    (await iamCall("POST", "iamPolicies:lintPolicy", { condition: { expression } }))["lintResults"] as
      | Json[]
      | undefined;
  assert.equal(await lint('resource.name.startsWith("projects/")'), undefined);
  const [found] = (await lint("resource.name ==")) as [Json];
  assert.deepEqual([found["severity"], found["fieldName"]], ["ERROR", "condition.expression"]);
});
