import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { create } from "@bufbuild/protobuf";
import { type BootedApi, bootApi } from "../../../tests/support/boot-api.ts";
import { PolicySchema } from "../../gen/google/iam/v1/policy_pb.js";
import { createAuthorizeInvoker } from "./authorize-invoker.ts";

const SERVICE = "projects/demo/locations/us-central1/services/hello";
const URL = "https://hello-1.us-central1.run.app";
const EDITOR = "1-compute@developer.gserviceaccount.com";

describe("the invoker check", () => {
  let api: BootedApi;
  before(async () => {
    api = await bootApi(() => []);
    await setPolicy("projects/demo", [
      { role: "roles/editor", members: [`serviceAccount:${EDITOR}`] },
      { role: "roles/owner", members: ["user:boss@example.com"] },
    ]);
  });
  after(() => api[Symbol.asyncDispose]());

  type Bindings = { role: string; members: string[]; condition?: { expression: string } }[];
  const setPolicy = (resource: string, bindings: Bindings) =>
    api.api.deps.store.transact(async (transaction) => {
      await api.api.deps.policies.set(transaction, resource, create(PolicySchema, { bindings }));
    });
  const bind = (...bindings: Bindings) => setPolicy(SERVICE, bindings);
  const decide = (credential?: string) => createAuthorizeInvoker(api.api.deps)(SERVICE, credential, [URL]);
  const idToken = (email: string, audience = URL) => api.api.deps.tokens.issueIdToken(email, audience);
  const invoker = (...members: string[]) => bind({ role: "roles/run.invoker", members });

  test("a policy counts from the moment it is set, though it is remembered", async () => {
    for (let n = 0; n < 3; n++) {
      await invoker("allUsers");
      assert.equal(await decide(), "ALLOWED");
      await invoker("user:somebody@example.com");
      assert.equal(await decide(), "UNAUTHENTICATED");
    }
  });

  test("allUsers need no credential, and a broken one does no harm", async () => {
    await invoker("allUsers");
    assert.equal(await decide(), "ALLOWED");
    assert.equal(await decide("broken"), "ALLOWED");
  });

  test("without a binding nobody is let in, with or without a token", async () => {
    await bind();
    assert.equal(await decide(), "UNAUTHENTICATED");
    assert.equal(await decide("broken"), "UNAUTHENTICATED");
    assert.equal(await decide(await idToken("me@example.com")), "FORBIDDEN");
  });

  test("users and service accounts are known by their e-mail address", async () => {
    await invoker("user:me@example.com", "serviceAccount:sa@demo.iam.gserviceaccount.com");
    assert.equal(await decide(await idToken("me@example.com")), "ALLOWED");
    assert.equal(await decide(await idToken("sa@demo.iam.gserviceaccount.com")), "ALLOWED");
    assert.equal(await decide(await idToken("other@example.com")), "FORBIDDEN");
  });

  test("the audience must be the service's, or gcloud's", async () => {
    await invoker("allAuthenticatedUsers");
    assert.equal(await decide(await idToken("me@example.com", `${URL}/`)), "ALLOWED");
    assert.equal(await decide(await idToken("me@example.com", "32555940559.apps.googleusercontent.com")), "ALLOWED");
    assert.equal(await decide(await idToken("me@example.com", `${URL}/a/path?query`)), "ALLOWED");
    for (const audience of ["https://other.example", `${URL}.example`, `${URL}@other.example`, URL.slice(0, -1)])
      assert.equal(await decide(await idToken("me@example.com", audience)), "UNAUTHENTICATED");
  });

  test("access tokens count, too", async () => {
    await invoker("user:me@example.com");
    const { token } = await api.api.deps.tokens.issueAccessToken("me@example.com", []);
    assert.equal(await decide(token), "ALLOWED");
  });

  test("roles on the project are inherited", async () => {
    await bind();
    assert.equal(await decide(await idToken(EDITOR)), "ALLOWED");
    assert.equal(await decide(await idToken("boss@example.com")), "ALLOWED");
    await invoker("projectOwner:demo");
    assert.equal(await decide(await idToken("boss@example.com")), "ALLOWED");
  });

  test("other roles grant nothing, and conditional bindings what their conditions say", async () => {
    const members = ["user:me@example.com"];
    await bind({ role: "roles/run.viewer", members });
    assert.equal(await decide(await idToken("me@example.com")), "FORBIDDEN");
    for (const [expression, decision] of [
      ['resource.name.endsWith("/services/hello") && resource.type == "run.googleapis.com/Service"', "ALLOWED"],
      ['request.time < timestamp("2020-01-01T00:00:00Z")', "FORBIDDEN"],
    ] as const) {
      await bind({ role: "roles/run.invoker", members, condition: { expression } });
      assert.equal(await decide(await idToken("me@example.com")), decision);
    }
    await bind({ role: "roles/run.invoker", members: ["allUsers"], condition: { expression: "false" } });
    assert.equal(await decide(), "UNAUTHENTICATED");
  });
});
