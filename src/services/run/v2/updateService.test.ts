import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { type BootedRun, bootRun, PARENT, serviceAnswering } from "../testing/boot-run.ts";

type Body = Record<string, unknown>;

describe("UpdateService", () => {
  let booted: BootedRun;
  let made: Body;
  const path = `/run/v2/${PARENT}/services/masked`;
  before(async () => {
    booted = await bootRun();
    const body = { ...serviceAnswering("x"), labels: { team: "a" }, description: "first" };
    const operation = await booted.api.json("POST", `/run/v2/${PARENT}/services?serviceId=masked`, body);
    made = (await booted.wait(operation))["response"] as Body;
  });
  after(() => booted[Symbol.asyncDispose]());

  const patch = (body: object, query: string) => booted.api.json("PATCH", `${path}?${query}`, body);
  const get = async () => (await booted.api.json("GET", path)).body;
  const message = ({ body }: { body: Body }) => String((body["error"] as Body | undefined)?.["message"]);

  test("a path into the template changes that alone, and makes a revision", async () => {
    const body = { template: { timeout: "60s", serviceAccount: "ignored@demo.iam.gserviceaccount.com" } };
    const after = (await booted.wait(await patch(body, "updateMask=template.timeout")))["response"] as Body;
    const [was, is] = [made["template"] as Body, after["template"] as Body];
    assert.equal(is["timeout"], "60s");
    assert.deepEqual({ ...is, timeout: "" }, { ...was, timeout: "" });
    assert.match(String(after["latestCreatedRevision"]), /masked-00002-/);
  });

  test("a field in the mask that the body lacks is cleared", async () => {
    await booted.wait(await patch({}, "updateMask=description"));
    const { description, labels } = await get();
    assert.equal(description, undefined);
    assert.deepEqual(labels, { team: "a" });
  });

  test("what only the server writes is ignored, in the body and in the mask", async () => {
    const body = { uid: "other", creator: "me", uri: "https://other", conditions: [], labels: { team: "b" } };
    await booted.wait(await patch(body, "updateMask=uid,creator,uri,conditions,labels"));
    const { uid, creator, uri, labels, conditions } = await get();
    assert.deepEqual([uid, creator, uri], [made["uid"], made["creator"], made["uri"]]);
    assert.deepEqual(labels, { team: "b" });
    assert.equal((conditions as unknown[]).length, 2);
  });

  test("unknown paths are refused by name", async () => {
    for (const mask of ["nothing", "template.nothing", "labels.team", "template.containers.image"]) {
      const answer = await patch({}, `updateMask=${mask}`);
      assert.equal(answer.status, 400, mask);
      assert.match(message(answer), new RegExp(`'${mask}'`));
    }
  });

  test("validateOnly answers the change and makes none", async () => {
    const { etag, generation } = await get();
    const answer = await patch({ labels: { team: "c" } }, "updateMask=labels&validateOnly=true");
    assert.equal(answer.body["done"], true);
    assert.deepEqual((answer.body["response"] as Body)["labels"], { team: "c" });
    const now = await get();
    assert.deepEqual([now["etag"], now["generation"]], [etag, generation]);
    const invalid = await patch({ scaling: { minInstanceCount: -1 } }, "updateMask=scaling&validateOnly=true");
    assert.match(
      message(invalid),
      /^Violation in UpdateServiceRequest\.service\.scaling\.min_instance_count: must be greater or equal than 0\.$/,
    );
  });

  test("without a mask the body replaces the service", async () => {
    await booted.wait(await patch(serviceAnswering("y"), ""));
    const { labels, template } = await get();
    assert.equal(labels, undefined);
    assert.equal((template as Body)["timeout"], "300s");
  });
});
