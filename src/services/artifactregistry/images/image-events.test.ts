import assert from "node:assert/strict";
import { test } from "node:test";
import { bootApi } from "../../../../tests/support/boot-api.ts";
import { outboxIsEmpty, recordPublishes } from "../../../../tests/support/recorded-publishes.ts";
import { digestOf } from "../../../oci/digest.ts";
import { createDistributionClient } from "../../../oci/distribution/client.ts";
import { pushImage } from "../../../oci/distribution/push-image.ts";
import { mediaTypes } from "../../../oci/media-types.ts";
import { systemClock } from "../../../platform/clock.ts";
import { artifactregistry } from "../module.ts";

const PARENT = "/v1/projects/demo/locations/us-central1/repositories";

test("pushes, tags and deletions are told to the topic gcr", async () => {
  const pubsub = recordPublishes();
  await using api = await bootApi((deps) => [pubsub.module, artifactregistry(deps)]);
  await api.json("POST", `${PARENT}?repositoryId=images`, { format: "DOCKER" });
  const { fetchInProcess } = api.api.deps;
  const fetch = (request: Request) => fetchInProcess(request, { kind: "owner" });
  const client = createDistributionClient({ fetch, clock: systemClock });
  const bytes = Buffer.from("layer");
  const descriptor = { mediaType: mediaTypes.layer, digest: digestOf(bytes), size: bytes.length };
  const config = { architecture: "amd64", os: "linux", created: "2026-01-02T03:04:05Z" };
  const image = "us-central1-docker.pkg.dev/demo/images/web";
  const layers = [{ descriptor, diffId: descriptor.digest, source: bytes }];
  const told = async () => {
    await outboxIsEmpty(api, "artifactregistry_outbox");
    return pubsub.take().map(({ topic, data }) => {
      assert.equal(topic, "projects/demo/topics/gcr");
      return JSON.parse(data) as Record<string, string>;
    });
  };

  await pushImage(client, [`${image}:v1`], { layers, config });
  const [pushed, ...others] = await told();
  assert.deepEqual(others, []);
  const digest = pushed!["digest"]!;
  assert.match(digest, /^us-central1-docker\.pkg\.dev\/demo\/images\/web@sha256:[0-9a-f]{64}$/);
  assert.deepEqual(pushed, { action: "INSERT", digest, tag: `${image}:v1` });

  const web = `${PARENT}/images/packages/web`;
  const version = `${web.slice("/v1/".length)}/versions/${digest.split("@")[1]!}`;
  await api.json("POST", `${web}/tags?tagId=v2`, { version });
  await api.json("DELETE", `${web}/tags/v2`);
  await api.json("DELETE", `/v1/${version}?force=true`);
  assert.deepEqual(await told(), [
    { action: "INSERT", digest, tag: `${image}:v2` },
    { action: "DELETE", tag: `${image}:v2` },
    { action: "DELETE", digest },
  ]);
});
