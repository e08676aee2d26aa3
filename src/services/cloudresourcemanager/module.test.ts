import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { type BootedApi, bootApi } from "../../../tests/support/boot-api.ts";
import { cloudresourcemanager } from "./module.ts";

describe("cloudresourcemanager", () => {
  let api: BootedApi;
  before(async () => {
    api = await bootApi((deps) => [cloudresourcemanager(deps)]);
  });
  after(() => api[Symbol.asyncDispose]());

  test("any project id is a project, in v1 by id and by number", async () => {
    const byId = await api.json("GET", "/v1/projects/demo-project");
    assert.equal(byId.status, 200);
    assert.match(String(byId.body["projectNumber"]), /^\d{12}$/);
    const byNumber = await api.json("GET", `/v1/projects/${String(byId.body["projectNumber"])}`);
    assert.deepEqual(byNumber.body, byId.body);
  });

  test("v3 answers the same project under the host's path prefix", async () => {
    const v1 = await api.json("GET", "/cloudresourcemanager/v1/projects/demo-project");
    const v3 = await api.json("GET", "/cloudresourcemanager/v3/projects/demo-project");
    assert.equal(v3.body["projectId"], "demo-project");
    assert.equal(v3.body["name"], `projects/${String(v1.body["projectNumber"])}`);
    assert.equal(v3.body["state"], "ACTIVE");
  });

  test("an unknown number is PERMISSION_DENIED, as Google hides which projects exist", async () => {
    const { status, body } = await api.json("GET", "/v1/projects/999999999999");
    assert.equal(status, 403);
    assert.equal((body["error"] as { status: string }).status, "PERMISSION_DENIED");
  });

  test("the default policy names the compute service account; a set policy comes back with a new etag", async () => {
    const initial = await api.json("POST", "/v1/projects/policy-project:getIamPolicy", {});
    const roles = (initial.body["bindings"] as { role: string }[]).map((binding) => binding.role);
    assert.ok(roles.includes("roles/cloudbuild.builds.builder"));
    const policy = {
      bindings: [{ role: "roles/viewer", members: ["user:a@example.com"] }],
      etag: initial.body["etag"],
    };
    const set = await api.json("POST", "/v1/projects/policy-project:setIamPolicy", { policy });
    assert.equal(set.status, 200);
    assert.notEqual(set.body["etag"], initial.body["etag"]);
    const stale = await api.json("POST", "/v1/projects/policy-project:setIamPolicy", { policy });
    assert.equal(stale.status, 409);
    assert.equal((stale.body["error"] as { status: string }).status, "ABORTED");
  });

  test("projects are searched in pages; a query is refused by name", async () => {
    for (const id of ["page-one", "page-two"]) await api.json("GET", `/v1/projects/${id}`);
    const first = await api.json("GET", "/v3/projects:search?pageSize=1");
    assert.equal((first.body["projects"] as unknown[]).length, 1);
    const next = await api.json(
      "GET",
      `/v3/projects:search?pageSize=1&pageToken=${String(first.body["nextPageToken"])}`,
    );
    assert.notDeepEqual(next.body["projects"], first.body["projects"]);
    const refused = await api.json("GET", "/v3/projects:search?query=id:page*");
    assert.equal(refused.status, 400);
    assert.match((refused.body["error"] as { message: string }).message, /query/);
  });

  test("methods without an implementation answer UNIMPLEMENTED by name", async () => {
    const { status, body } = await api.json("DELETE", "/v3/projects/demo-project");
    assert.equal(status, 501);
    assert.match((body["error"] as { message: string }).message, /Projects\.DeleteProject is not supported/);
  });

  test("an unknown query parameter and an unknown body field are named", async () => {
    const query = await api.json("GET", "/v3/projects/demo-project?colour=red");
    assert.equal(query.status, 400);
    assert.match((query.body["error"] as { message: string }).message, /Unknown name "colour"/);
    const body = await api.json("POST", "/v3/projects/demo-project:getIamPolicy", { colour: "red" });
    assert.match((body.body["error"] as { message: string }).message, /Unknown name "colour": Cannot find field/);
  });
});
