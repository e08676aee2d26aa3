import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { SecretManagerService } from "../../../gen/google/cloud/secretmanager/v1/service_pb.js";
import { notFound, permissionDenied } from "../../../wire/errors.ts";
import { rpc } from "../../../wire/rpc.ts";
import { type BootedRun, bootRun, IMAGE, PARENT, serviceAnswering } from "../testing/boot-run.ts";
import { ANSWERING, CRASHING, PROGRAM, SILENT } from "../testing/process-serving.ts";

type Body = Record<string, unknown>;
interface Condition {
  type: string;
  state: string;
  message?: string;
  reason?: string;
  revisionReason?: string;
  severity?: string;
}

/** Answers as Secret Manager would: "open" can be read by everybody, "closed" by nobody. */
const accessSecretVersion = rpc(
  SecretManagerService.method.accessSecretVersion,
  { permission: "none", audit: "none" },
  async ({ name }) => {
    if (name.includes("/open/")) return { name, payload: { data: Buffer.from("x") } };
    if (name.includes("/closed/")) throw permissionDenied("secretmanager.versions.access", name);
    throw notFound(name, "there is none");
  },
);

describe("rollouts", () => {
  let booted: BootedRun;
  before(async () => {
    const secretmanager = { name: "secretmanager", services: [SecretManagerService], rpcs: [accessSecretVersion] };
    booted = await bootRun({}, () => [secretmanager]);
  });
  after(() => booted[Symbol.asyncDispose]());

  const post = (id: string, body: object) =>
    booted.api.json("POST", `/run/v2/${PARENT}/services?serviceId=${id}`, body);
  const create = async (id: string, body: object) => (await booted.wait(await post(id, body)))["response"] as Body;
  const patch = (id: string, body: object, mask: string) =>
    booted.api.json("PATCH", `/run/v2/${PARENT}/services/${id}?updateMask=${mask}`, body);
  const change = async (id: string, body: object, mask: string) => booted.wait(await patch(id, body, mask));
  const revisionOf = async (name: unknown) => (await booted.api.json("GET", `/run/v2/${String(name)}`)).body;
  const conditionsOf = async (name: unknown) => {
    const conditions = (await revisionOf(name))["conditions"] as Condition[];
    return Object.fromEntries(conditions.map((condition) => [condition.type, condition]));
  };
  const toRevision = (revision: string, percent = 100) => ({
    traffic: [{ type: "TRAFFIC_TARGET_ALLOCATION_TYPE_REVISION", revision, percent }],
  });
  const shortName = (name: unknown) => String(name).split("/").at(-1)!;

  test("a rollback after a failed deployment is one call, and tries nothing again", async () => {
    const good = await create("back", serviceAnswering("good"));
    const failed = await change("back", serviceAnswering("bad", CRASHING), "template");
    assert.equal((failed["error"] as Body)["code"], 9);
    const service = (await change("back", toRevision(shortName(good["latestReadyRevision"])), "traffic"))["response"];
    const { terminalCondition, conditions, observedGeneration } = service as Body & { conditions: Condition[] };
    assert.equal((terminalCondition as Condition).state, "CONDITION_SUCCEEDED");
    assert.equal(observedGeneration, "3");
    assert.equal(conditions.find(({ type }) => type === "ConfigurationsReady")!.state, "CONDITION_FAILED");
    assert.equal(await booted.serving.get(String((service as Body)["uri"])), "good");
  });

  test("a revision that becomes ready while traffic cannot move gets none", async () => {
    const first = shortName((await create("stuck", serviceAnswering("one")))["latestReadyRevision"]);
    const nowhere = { ...serviceAnswering("two"), ...toRevision("stuck-gone") };
    const failed = await change("stuck", nowhere, "template,traffic");
    assert.match(String((failed["error"] as Body)["message"]), /Revision 'stuck-gone' does not exist or is deleted/);
    const service = (await booted.api.json("GET", `/run/v2/${PARENT}/services/stuck`)).body;
    assert.match(shortName(service["latestReadyRevision"]), /^stuck-00002-/);
    const [status, ...others] = service["trafficStatuses"] as Body[];
    assert.deepEqual([status!["revision"], status!["percent"], others], [first, 100, []]);
    assert.equal(await booted.serving.get(String(service["uri"])), "one");
    const freed = await change("stuck", { traffic: [{ percent: 100 }] }, "traffic");
    assert.equal(await booted.serving.get(String((freed["response"] as Body)["uri"])), "two");
  });

  test("the same template makes another revision after a failure", async () => {
    const crashing = serviceAnswering("x", CRASHING);
    await booted.wait(await post("again", crashing));
    const { metadata } = (await patch("again", crashing, "template")).body;
    assert.match(shortName((metadata as Body)["latestCreatedRevision"]), /^again-00002-/);
  });

  test("a revision without traffic is in reserve, and retired once it had some", async () => {
    const first = shortName((await create("reserve", serviceAnswering("one")))["latestReadyRevision"]);
    await change("reserve", toRevision(first), "traffic");
    const { response } = await change("reserve", serviceAnswering("two"), "template");
    const second = (response as Body)["latestReadyRevision"];
    const activeOf = async (name: unknown) => (await conditionsOf(name))["Active"]!;
    assert.deepEqual(
      [(await activeOf(second)).state, (await activeOf(second)).revisionReason],
      ["CONDITION_FAILED", "RESERVE"],
    );
    await change("reserve", toRevision(shortName(second)), "traffic");
    assert.equal((await activeOf(second)).state, "CONDITION_SUCCEEDED");
    await change("reserve", toRevision(first), "traffic");
    assert.equal((await activeOf(second)).revisionReason, "RETIRED");
  });

  test("what a newer change overtook is tried once traffic is to go to it", async () => {
    await create("fast", serviceAnswering("one"));
    const stuck = await patch("fast", serviceAnswering("two", SILENT), "template");
    const second = shortName((stuck.body["metadata"] as Body)["latestCreatedRevision"]);
    assert.match(second, /^fast-00002-/);
    await patch("fast", serviceAnswering("three"), "template");
    await change("fast", serviceAnswering("four"), "template");
    const overtaken = await revisionOf(`${PARENT}/services/fast/revisions/${second}`);
    assert.equal(overtaken["reconciling"], undefined);
    const { Ready: ready, Active: active } = await conditionsOf(overtaken["name"]);
    assert.deepEqual([ready!.state, ready!.revisionReason], ["CONDITION_PENDING", "PENDING"]);
    assert.deepEqual([active!.revisionReason, active!.message], ["RETIRED", "Revision retired."]);
    const listed = await booted.api.json("GET", `/run/v2/${PARENT}/services/fast/revisions`);
    const third = (listed.body["revisions"] as Body[]).map(({ name }) => shortName(name))[1]!;
    const service = (await change("fast", toRevision(third), "traffic"))["response"] as Body;
    assert.equal(await booted.serving.get(String(service["uri"])), "three");
  });

  test("minimum instances are started before traffic moves, and are told of", async () => {
    const body = serviceAnswering("warm");
    body.template["scaling"] = { minInstanceCount: 2 };
    const service = await create("warm", body);
    const revision = await revisionOf(service["latestReadyRevision"]);
    assert.deepEqual(revision["scalingStatus"], { desiredMinInstanceCount: 2 });
    const { MinInstancesProvisioned: warm, ContainerReady: ready } = await conditionsOf(revision["name"]);
    assert.match(String(warm!.message), /^Min instances provisioned successfully in \d+\.\d\ds\.$/);
    assert.match(String(ready!.message), /^Container image import completed in \d+\.\d\ds\.$/);
    await change("warm", serviceAnswering("cold"), "template");
    const retired = await conditionsOf(revision["name"]);
    assert.equal(retired["MinInstancesProvisioned"]!.revisionReason, "MIN_INSTANCES_NOT_PROVISIONED");
    assert.equal((await revisionOf(revision["name"]))["scalingStatus"], undefined);
  });

  test("manual scaling to nothing asks no instance", async () => {
    const scaling = { scalingMode: "MANUAL", manualInstanceCount: 0 };
    const service = await create("none", { ...serviceAnswering("x", SILENT), scaling });
    assert.equal((service["terminalCondition"] as Condition).state, "CONDITION_SUCCEEDED");
    const { ContainerHealthy: healthy } = await conditionsOf(service["latestReadyRevision"]);
    assert.equal(healthy!.revisionReason, "HEALTH_CHECK_SKIPPED");
    const again = await change("none", { scaling: { ...scaling, manualInstanceCount: 3 } }, "scaling");
    const name = String((again["response"] as Body)["latestReadyRevision"]);
    const { minInstances, maxInstances } = booted.serving.specs.get(name)!;
    assert.deepEqual([minInstances, maxInstances], [3, 3]);
  });

  test("the images of all containers are pinned", async () => {
    const [main] = serviceAnswering("main").template["containers"] as Body[];
    const containers = [
      { ...main, name: "app", ports: [{ containerPort: 8080 }] },
      { name: "side", image: IMAGE },
    ];
    const service = await create("several", { template: { containers } });
    const revision = await revisionOf(service["latestReadyRevision"]);
    const images = (revision["containers"] as Body[]).map(({ image }) => String(image).includes("@sha256:"));
    assert.deepEqual(images, [true, true]);
    const { containers: specs } = booted.serving.specs.get(String(revision["name"]))!;
    assert.deepEqual(
      specs.map(({ name }) => name),
      ["app", "side"],
    );
  });

  test("secrets that are missing or closed fail the revision, all of them by name", async () => {
    const secret = (name: string, version = "latest") => ({ secretKeyRef: { secret: name, version } });
    const env = [
      { name: PROGRAM, value: ANSWERING },
      { name: "OPEN", valueSource: secret("open", "3") },
      { name: "CLOSED", valueSource: secret("closed") },
    ];
    const volumes = [{ name: "v", secret: { secret: "projects/other/secrets/lost" } }];
    const containers = [{ image: IMAGE, env, volumeMounts: [{ name: "v", mountPath: "/v" }] }];
    const operation = await booted.wait(await post("secret", { template: { containers, volumes } }));
    const { code, message } = operation["error"] as { code: number; message: string };
    assert.equal(code, 13);
    const [first, second, ...more] = message.split("\n");
    assert.match(
      first!,
      /^Revision 'secret-00001-...' is not ready and cannot serve traffic\. spec\.template\.spec\.containers\[0\]\.env\[2\]\.value_from\.secret_key_ref\.name: Permission denied on secret: projects\/\d{12}\/secrets\/closed\/versions\/latest for Revision service account \d{12}-compute@developer\.gserviceaccount\.com\. The service account used must be granted the 'Secret Manager Secret Accessor' role \(roles\/secretmanager\.secretAccessor\) at the secret, project or higher level\.$/,
    );
    assert.match(
      second!,
      /^spec\.template\.spec\.volumes\[0\]\.secret\.secret_name: Secret .*\/secrets\/lost\/versions\/latest was not found$/,
    );
    assert.deepEqual(more, []);
    const { body } = await booted.api.json("GET", `/run/v2/${PARENT}/services/secret`);
    const { Ready: ready } = await conditionsOf(body["latestCreatedRevision"]);
    assert.equal(ready!.reason, "SECRETS_ACCESS_CHECK_FAILED");
  });
});
