import assert from "node:assert/strict";
import { test } from "node:test";
import { until } from "../../../../tests/support/until.ts";
import { bootRun, PARENT, serviceAnswering } from "../testing/boot-run.ts";

const NEWER = `sha256:${"b".repeat(64)}`;
const BASE_IMAGE = "us-central1-docker.pkg.dev/serverless-runtimes/google-22/runtimes/nodejs22";

test("a newer base image comes under enrolled services, without a new revision", async () => {
  await using booted = await bootRun();
  const { api, serving, baseImages } = booted;
  const deploy = async (id: string, container: object) => {
    const body = serviceAnswering(id);
    Object.assign((body.template["containers"] as object[])[0]!, container);
    await booted.wait(await api.json("POST", `/run/v2/${PARENT}/services?serviceId=${id}`, body));
    const { body: service } = await api.json("GET", `/run/v2/${PARENT}/services/${id}`);
    return String(service["latestReadyRevision"]);
  };
  const enrolled = await deploy("enrolled", { baseImageUri: BASE_IMAGE });
  const other = await deploy("other", {});
  const imageOf = (revision: string) => serving.specs.get(revision)?.containers[0].image;
  const before = imageOf(other);
  baseImages.refresh(NEWER);
  await until(async () => imageOf(enrolled)?.endsWith(NEWER));
  assert.equal(imageOf(other), before);

  const { body: service } = await api.json("GET", `/run/v2/${PARENT}/services/enrolled`);
  assert.equal(service["latestReadyRevision"], enrolled);
  assert.equal(service["generation"], "1");
  const { body: revision } = await api.json("GET", `/run/v2/${enrolled}`);
  const [container] = revision["containers"] as { image: string; baseImageUri: string }[];
  assert.deepEqual([container!.image, container!.baseImageUri], [before, BASE_IMAGE]);
});
