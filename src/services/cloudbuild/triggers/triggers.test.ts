import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  bootBuildCalls as boot,
  putSecret,
  buildIn,
  type Json,
  messageOf,
} from "../../../../tests/support/build-calls.ts";

const REGIONAL = "projects/demo/locations/us-central1";
const GLOBAL = "projects/demo";
const IMAGE = "us-central1-docker.pkg.dev/demo/r/hello";

const pack = (env: string) => ({
  name: "gcr.io/k8s-skaffold/pack",
  args: ["build", IMAGE, "--publish", "--env", env],
});
const inline = (more: Json = {}): Json => ({ name: "hello", build: { steps: [pack("A=$_A-$TRIGGER_NAME")] }, ...more });

describe("triggers", () => {
  test("are created, read by id and by name, listed, updated and deleted, global and regional", async () => {
    await using booted = await boot();
    const { call } = booted;
    for (const parent of [REGIONAL, GLOBAL]) {
      const created = await call("POST", `${parent}/triggers`, inline({ approvalConfig: { approvalRequired: true } }));
      const id = created["id"] as string;
      assert.match(id, /^[0-9a-f-]{36}$/);
      const location = parent === GLOBAL ? "global" : "us-central1";
      assert.equal(created["resourceName"], `projects/demo/locations/${location}/triggers/${id}`);
      assert.deepEqual(created["approvalConfig"], { approvalRequired: true });
      assert.deepEqual(await call("GET", `${parent}/triggers/${id}`), created);
      assert.deepEqual(await call("GET", `${parent}/triggers/hello`), created);
      const taken = await call("POST", `${parent}/triggers`, inline(), 409);
      assert.equal(messageOf(taken), 'trigger name "hello" is already in use');
      const other = await call("POST", `${parent}/triggers`, inline({ name: "" }));
      assert.match(String(other["name"]), /^trigger-[0-9a-f]{8}$/);
      const first = await call("GET", `${parent}/triggers?pageSize=1`);
      const second = await call("GET", `${parent}/triggers?pageSize=1&pageToken=${first["nextPageToken"] as string}`);
      assert.deepEqual(new Set([first, second].flatMap((page) => page["triggers"])), new Set([other, created]));
      assert.equal(second["nextPageToken"], undefined);
      const patched = await call("PATCH", `${parent}/triggers/${id}?updateMask=description,name`, {
        name: "renamed",
        description: "new",
        tags: ["ignored"],
      });
      assert.deepEqual(patched, { ...created, name: "renamed", description: "new" });
      const replaced = await call("PATCH", `${parent}/triggers/renamed`, inline({ name: "renamed", tags: ["t"] }));
      assert.deepEqual([replaced["id"], replaced["tags"], replaced["description"]], [id, ["t"], undefined]);
      await call("PATCH", `${parent}/triggers/${id}?updateMask=name`, { name: other["name"] }, 409);
      await call("DELETE", `${parent}/triggers/renamed`);
      await call("GET", `${parent}/triggers/${id}`, undefined, 404);
      await call("POST", `${parent}/triggers`, inline({ name: "renamed" }));
    }
  });

  test("what is not supported is named, what is wrong is explained", async () => {
    await using booted = await boot();
    const refuse = async (more: Json) =>
      messageOf(await booted.call("POST", `${REGIONAL}/triggers`, inline(more), 400));
    const uri = "https://example.com/a/b.git";
    assert.match(await refuse({ github: { owner: "a", name: "b" } }), /^The field trigger.github is not supported/);
    assert.match(await refuse({ triggerTemplate: { repoName: "r" } }), /^The field trigger.trigger_template is not/);
    assert.match(await refuse({ repositoryEventConfig: {} }), /^The field trigger.repository_event_config is not/);
    assert.match(await refuse({ bitbucketServerTriggerConfig: {} }), /Unknown name "bitbucketServerTriggerConfig"/);
    assert.match(
      await refuse({ sourceToBuild: { uri, ref: "refs/heads/main", repoType: "CLOUD_SOURCE_REPOSITORIES" } }),
      /repo_type CLOUD_SOURCE_REPOSITORIES is not supported/,
    );
    assert.match(await refuse({ sourceToBuild: { uri, ref: "main" } }), /ref must start with "refs\/"/);
    assert.match(await refuse({ sourceToBuild: { uri: "file:///etc", ref: "refs/heads/a" } }), /other than http/);
    assert.match(await refuse({ name: "-a" }), /^invalid trigger: name "-a" must be/);
    assert.match(await refuse({ substitutions: { COMMIT_SHA: "1" } }), /does not respect format/);
    assert.match(await refuse({ filter: "_A ==" }), /^invalid filter: Syntax error/);
    assert.match(await refuse({ filter: "_A.lowerAscii() == 'x'" }), /The function lowerAscii is not supported/);
    assert.match(await refuse({ eventType: "WEBHOOK" }), /event_type WEBHOOK does not fit/);
    assert.match(await refuse({ webhookConfig: { secret: "x" } }), /secret must be of the form/);
    assert.match(await refuse({ build: { steps: [] } }), /no build steps/);
    const bare = await booted.call("POST", `${REGIONAL}/triggers`, { name: "a" }, 400);
    assert.match(messageOf(bare), /one of the build templates must be given/);
  });

  test("a manual trigger runs its inline build with the substitutions of trigger and request", async () => {
    await using booted = await boot();
    const { builder, built, call } = booted;
    const trigger = await call(
      "POST",
      `${REGIONAL}/triggers`,
      inline({ tags: ["mine"], substitutions: { _A: "${_B^^}", _B: "b" } }),
    );
    const operation = await call("POST", `${REGIONAL}/triggers/hello:run`, { source: { substitutions: { _B: "c" } } });
    const build = await built(operation);
    assert.equal(build["status"], "SUCCESS");
    assert.equal(build["buildTriggerId"], trigger["id"]);
    assert.deepEqual(build["tags"], ["mine", `trigger-${trigger["id"] as string}`]);
    assert.deepEqual(build["substitutions"], {
      _A: "${_B^^}",
      _B: "c",
      TRIGGER_NAME: "hello",
      TRIGGER_BUILD_CONFIG_PATH: "",
    });
    assert.deepEqual(builder.requests[0]!.env, { A: "C-hello" });
    const global = await call("POST", `${GLOBAL}/triggers`, inline());
    const byBody = await call("POST", `${GLOBAL}/triggers/${global["id"] as string}:run`, {
      substitutions: { _A: "1" },
    });
    await built(byBody);
    assert.deepEqual(builder.requests[1]!.env, { A: "1-hello" });
    const filter = encodeURIComponent(`trigger_id="${trigger["id"] as string}"`);
    const listed = await call("GET", `${REGIONAL}/builds?filter=${filter}`);
    assert.deepEqual(
      (listed["builds"] as Json[]).map(({ id }) => id),
      [build["id"]],
    );
    const retried = await call("POST", `${REGIONAL}/builds/${build["id"] as string}:retry`, {});
    assert.equal((await built(retried))["buildTriggerId"], trigger["id"]);
    assert.deepEqual(builder.requests[2]!.env, { A: "C-hello" });
    const branch = await call("POST", `${REGIONAL}/triggers/hello:run`, { source: { branchName: "x" } }, 400);
    assert.match(messageOf(branch), /has no repository/);
  });

  test("builds that need approval wait for it, and end when it is refused or when they are cancelled", async () => {
    await using booted = await boot();
    const { builder, built, call } = booted;
    await call("POST", `${REGIONAL}/triggers`, inline({ approvalConfig: { approvalRequired: true } }));
    const start = async () => buildIn(await call("POST", `${REGIONAL}/triggers/hello:run`, {}))["id"] as string;
    const [approved, rejected, cancelled] = [await start(), await start(), await start()];
    const pending = await call("GET", `${REGIONAL}/builds/${approved}`);
    assert.equal(pending["status"], "PENDING");
    assert.deepEqual(pending["approval"], { state: "PENDING", config: { approvalRequired: true } });
    const decide = (id: string, result: Json, status = 200) =>
      call("POST", `${REGIONAL}/builds/${id}:approve`, { approvalResult: result }, status);
    assert.match(messageOf(await decide(approved, {}, 400)), /decision must be APPROVED or REJECTED/);
    assert.match(messageOf(await decide(approved, { decision: "APPROVED", url: "x" }, 400)), /invalid URL/);
    const refusal = await decide(rejected, { decision: "REJECTED", comment: "no" });
    assert.equal(refusal["done"], true);
    const ended = await call("GET", `${REGIONAL}/builds/${rejected}`);
    assert.equal(ended["status"], "CANCELLED");
    const { state, result } = ended["approval"] as { state: string; result: Json };
    assert.deepEqual(
      [state, result["decision"], result["comment"], result["approverAccount"]],
      ["REJECTED", "REJECTED", "no", "owner@localhost"],
    );
    await call("POST", `${REGIONAL}/builds/${cancelled}:cancel`, {});
    const gone = await call("GET", `${REGIONAL}/builds/${cancelled}`);
    assert.deepEqual([gone["status"], (gone["approval"] as Json)["state"]], ["CANCELLED", "CANCELLED"]);
    assert.equal(builder.requests.length, 0);
    const url = "https://example.com/ticket/1";
    const build = await built(await decide(approved, { decision: "APPROVED", url, approverAccount: "forged@x.y" }));
    assert.equal(build["status"], "SUCCESS");
    const approval = build["approval"] as { state: string; result: Json };
    assert.deepEqual([approval.state, approval.result["url"]], ["APPROVED", url]);
    assert.equal(approval.result["approverAccount"], "owner@localhost");
    assert.match(messageOf(await decide(approved, { decision: "APPROVED" }, 400)), /is not pending approval/);
    assert.equal(builder.requests.length, 1);
    const again = buildIn(await call("POST", `${REGIONAL}/builds/${approved}:retry`, {}));
    assert.deepEqual(again["approval"], { state: "PENDING", config: { approvalRequired: true } });
  });

  test("webhooks bind their payload, pass the filter, and leave substitutions in it alone", async () => {
    await using booted = await boot();
    const { api, builder, built, call } = booted;
    await call(
      "POST",
      `${REGIONAL}/triggers`,
      inline({
        webhookConfig: { secret: "projects/demo/secrets/s/versions/1" },
        substitutions: { _A: "$(body.commits[0]['message'])", _ACTION: "$(body.action)" },
        filter: '_ACTION == "push" && _A.matches("^fix") || _ACTION in ["force"]',
      }),
    );
    const send = (body: Json, status = 200) => call("POST", `${REGIONAL}/triggers/hello:webhook`, body, status);
    assert.deepEqual(await send({ action: "open" }), {});
    assert.deepEqual(await send({ action: "push", commits: [{ message: "fix $PROJECT_ID ${_ACTION}" }] }), {});
    const { builds } = await call("GET", `${REGIONAL}/builds`);
    const [only, ...others] = builds as Json[];
    assert.deepEqual(others, []);
    await built({ name: `projects/demo/locations/us-central1/operations/${only!["id"] as string}` });
    assert.deepEqual(builder.requests[0]!.env, { A: "fix $PROJECT_ID ${_ACTION}-hello" });
    await call("PATCH", `${REGIONAL}/triggers/hello?updateMask=disabled`, { disabled: true });
    await send({ action: "force" });
    assert.equal(((await call("GET", `${REGIONAL}/builds`))["builds"] as Json[]).length, 1);
    // What comes from a web page is nobody's, as what comes from other machines.
    const anonymous = async (query: string) => {
      const headers = { origin: "https://elsewhere.example" };
      const url = `${api.url}/cloudbuild/v1/${REGIONAL}/triggers/hello:webhook${query}`;
      const answer = await fetch(url, { method: "POST", headers, body: "{}" });
      return answer.ok ? `${answer.status}` : `${answer.status} ${messageOf((await answer.json()) as Json)}`;
    };
    assert.match(await anonymous(""), /^401 Request is missing required authentication credential/);
    assert.match(
      await anonymous("?key=k&secret=guess"),
      /^400 failed to access secret version for secret projects\/demo/,
    );
    await putSecret(api, "demo", "s", "open sesame");
    assert.match(await anonymous("?key=k&secret=guess"), /^403 Permission 'cloudbuild.builds.create' denied/);
    assert.equal(await anonymous("?key=k&secret=open%20sesame"), "200");
  });

  test("a message that Pub/Sub pushes twice builds once, and the missing subscription is told", async () => {
    await using booted = await boot();
    const { builder, built, call } = booted;
    const topic = "projects/demo/topics/t";
    const substitutions = { _A: "$(body.message.data.tag)/$(body.message.attributes.kind)" };
    const created = await call("POST", `${REGIONAL}/triggers`, inline({ pubsubConfig: { topic }, substitutions }));
    assert.deepEqual(created["pubsubConfig"], { topic, subscription: "projects/demo/subscriptions/gcb-hello" });
    const read = await call("GET", `${REGIONAL}/triggers/hello`);
    assert.equal((read["pubsubConfig"] as Json)["state"], "SUBSCRIPTION_DELETED");
    const data = Buffer.from(JSON.stringify({ tag: "v1" })).toString("base64");
    const push = { subscription: "s", message: { data, attributes: { kind: "k" }, messageId: "42" } };
    await Promise.all([1, 2, 3].map(() => call("POST", `${REGIONAL}/triggers/hello:webhook`, push)));
    const { builds } = (await call("GET", `${REGIONAL}/builds`)) as { builds: Json[] };
    assert.equal(builds.length, 1);
    await built({ name: `projects/demo/locations/us-central1/operations/${builds[0]!["id"] as string}` });
    assert.deepEqual(builder.requests[0]!.env, { A: "v1/k-hello" });
    const empty = await call("POST", `${REGIONAL}/triggers/hello:webhook`, {}, 400);
    assert.match(messageOf(empty), /must be a push of Pub\/Sub/);
  });
});
