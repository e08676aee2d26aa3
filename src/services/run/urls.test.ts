import assert from "node:assert/strict";
import { test } from "node:test";
import { create } from "@bufbuild/protobuf";
import { ServiceSchema } from "../../gen/google/cloud/run/v2/service_pb.js";
import { LOCATIONS } from "../../wire/locations.ts";
import { projectNumberOf } from "../../wire/projects/project-number.ts";
import { regionCodeOf } from "./region-codes.ts";
import { tagUrlOf, urlsOf } from "./urls.ts";

const NUMBER = projectNumberOf("demo");
const service = (init: object = {}) =>
  create(ServiceSchema, { name: "projects/demo/locations/europe-west4/services/hello", ...init });

test("a service has a URL by project number and one by hash", () => {
  const { uri, urls, hosts, paths } = urlsOf(service());
  assert.match(uri, /^https:\/\/hello-[a-z2-7]{10}-ez\.a\.run\.app$/);
  assert.deepEqual(urls, [`https://hello-${NUMBER}.europe-west4.run.app`, uri]);
  assert.deepEqual(
    hosts.map((host) => `https://${host}`),
    urls,
  );
  assert.deepEqual(paths, []);
  assert.equal(tagUrlOf(service(), "green"), uri.replace("https://", "https://green---"));
});

test("a function's service has the function's URL between them", () => {
  const { urls, paths } = urlsOf(service({ annotations: { "cloudfunctions.googleapis.com/function-id": "Hello" } }));
  assert.equal(urls[1], "https://europe-west4-demo.cloudfunctions.net/Hello");
  assert.deepEqual(paths, [{ host: "europe-west4-demo.cloudfunctions.net", path: "/Hello" }]);
});

test("without its default URI nothing of run.app is left", () => {
  assert.deepEqual(urlsOf(service({ defaultUriDisabled: true })), { uri: "", urls: [], hosts: [], paths: [] });
});

test("every region has a code of its own", () => {
  const codes = Object.keys(LOCATIONS).map(regionCodeOf);
  assert.equal(new Set(codes).size, codes.length);
});
