import assert from "node:assert/strict";
import { test } from "node:test";
import { bootRun, PARENT, serviceAnswering } from "../testing/boot-run.ts";

test("after a restart services are served again, with all of their revisions that get traffic", async () => {
  const first = await bootRun({ keepData: true });
  const path = `/run/v2/${PARENT}/services`;
  const created = await first.wait(await first.api.json("POST", `${path}?serviceId=hello`, serviceAnswering("old")));
  const { latestReadyRevision } = created["response"] as Record<string, string>;
  const revision = latestReadyRevision!.split("/").at(-1)!;
  const traffic = [
    { type: "TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST", percent: 100 },
    { type: "TRAFFIC_TARGET_ALLOCATION_TYPE_REVISION", revision, tag: "old" },
  ];
  const body = { ...serviceAnswering("new"), traffic };
  await first.wait(await first.api.json("PATCH", `${path}/hello?updateMask=template,traffic`, body));
  const { dataDir } = first.api;
  await first[Symbol.asyncDispose]();

  await using second = await bootRun({ dataDir });
  const service = (await second.api.json("GET", `${path}/hello`)).body as {
    uri: string;
    trafficStatuses: { uri?: string }[];
  };
  assert.equal(await second.serving.get(service.uri), "new");
  assert.equal(await second.serving.get(service.trafficStatuses[1]!.uri!), "old");
});
