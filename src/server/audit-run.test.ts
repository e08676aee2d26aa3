import assert from "node:assert/strict";
import { test } from "node:test";
import { logging } from "../services/logging/module.ts";
import { bootRun, IMAGE, serviceAnswering } from "../services/run/testing/boot-run.ts";

type Json = Record<string, unknown>;

test("Cloud Run's calls are audited by v1 and v2, long-running ones at their begin and their end", async () => {
  await using booted = await bootRun({}, (deps) => [logging(deps)]);
  const { api } = booted;
  const entries = async (filter: string) => {
    const request = { resourceNames: ["projects/demo"], filter: `logName:"activity" ${filter}` };
    return ((await api.json("POST", "/v2/entries:list", request)).body["entries"] ?? []) as Json[];
  };
  const shown = ({ protoPayload, resource, severity }: Json) => {
    const { methodName, resourceName, serviceName } = protoPayload as Json;
    return [methodName, resourceName, serviceName, (resource as Json)["type"], severity];
  };

  const made = await api.json(
    "POST",
    "/run/v2/projects/demo/locations/us-central1/services?serviceId=two",
    serviceAnswering("v2"),
  );
  await booted.wait(made);
  const ends = async () => entries("operation.last=true");
  while ((await ends()).length === 0);
  const [first, last, ...others] = await entries('protoPayload.methodName:"v2.Services"');
  assert.deepEqual(others, []);
  const name = "projects/demo/locations/us-central1/services/two";
  const expected = [
    "google.cloud.run.v2.Services.CreateService",
    name,
    "run.googleapis.com",
    "cloud_run_revision",
    "NOTICE",
  ];
  assert.deepEqual([shown(first!), shown(last!)], [expected, expected]);
  const operation = { id: made.body["name"], producer: "run.googleapis.com" };
  assert.deepEqual(
    [first!["operation"], last!["operation"]],
    [
      { ...operation, first: true },
      { ...operation, last: true },
    ],
  );
  const response = (last!["protoPayload"] as Json)["response"] as Json;
  assert.deepEqual([response["@type"], response["name"]], ["type.googleapis.com/google.cloud.run.v2.Service", name]);

  const v1 = "/run/v1/projects/demo/locations/us-central1/services";
  const service = {
    apiVersion: "serving.knative.dev/v1",
    kind: "Service",
    metadata: { name: "one", namespace: "demo" },
    spec: { template: { spec: { containers: [{ image: IMAGE }] } } },
  };
  await api.json("POST", v1, service);
  await api.json("PUT", `${v1}/one`, service);
  await api.json("GET", `${v1}/one`);
  await api.json("DELETE", `${v1}/one`);
  assert.equal((await api.json("DELETE", `${v1}/never`)).status, 404);
  const found = await entries('protoPayload.methodName:"v1.Services"');
  const wanted = (verb: string, named: string, severity = "NOTICE") => [
    `google.cloud.run.v1.Services.${verb}Service`,
    `namespaces/demo/services/${named}`,
    "run.googleapis.com",
    "cloud_run_revision",
    severity,
  ];
  assert.deepEqual(found.map(shown), [
    wanted("Create", "one"),
    wanted("Replace", "one"),
    wanted("Delete", "one"),
    wanted("Delete", "never", "ERROR"),
  ]);
  const request = (found[0]!["protoPayload"] as Json)["request"] as Json;
  assert.equal((request["metadata"] as Json)["name"], "one");
});
