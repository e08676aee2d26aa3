import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { compilePathTemplate } from "./path-template.ts";

function bound(template: string, path: string): Record<string, string> | undefined {
  const { pattern, variables } = compilePathTemplate(template);
  const match = pattern.exec(path);
  return match ? Object.fromEntries(variables.map((name, index) => [name, match[index + 1]!])) : undefined;
}

describe("path templates", () => {
  test("bind the segments of a variable", () => {
    assert.deepEqual(bound("/v2/{name=projects/*/locations/*}", "/v2/projects/p/locations/l"), {
      name: "projects/p/locations/l",
    });
    assert.equal(bound("/v2/{name=projects/*/locations/*}", "/v2/projects/p/locations/l/functions/f"), undefined);
  });

  test("tell a verb from a resource id that holds a colon", () => {
    const template = "/v1/{resource=projects/*}:getIamPolicy";
    assert.deepEqual(bound(template, "/v1/projects/example.com:app:getIamPolicy"), {
      resource: "projects/example.com:app",
    });
    assert.equal(bound(template, "/v1/projects/p"), undefined);
  });

  test("** takes any number of segments, and a bare variable one", () => {
    assert.deepEqual(bound("/v1/{name=operations/**}", "/v1/operations/build/p/x"), { name: "operations/build/p/x" });
    assert.deepEqual(bound("/v1/things/{id}", "/v1/things/7"), { id: "7" });
    assert.equal(bound("/v1/things/{id}", "/v1/things/7/8"), undefined);
  });

  test("dotted variables keep their path", () => {
    const template = "/v2/{function.name=projects/*/locations/*/functions/*}";
    assert.deepEqual(bound(template, "/v2/projects/p/locations/l/functions/f"), {
      "function.name": "projects/p/locations/l/functions/f",
    });
  });
});
