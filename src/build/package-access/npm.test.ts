import assert from "node:assert/strict";
import { test } from "node:test";
import { npmPackageAccess } from "./npm.ts";

const CONFIGURATION = {
  registry: "http://packages.example/npm/",
  scopes: {},
  httpsProxy: "http://proxy.example:3128",
  strictSsl: true,
  credentialLines: ["//packages.example/npm/:_authToken=secret"],
};

test("every package manager gets the registry and its certificates, and none the machine's credentials", () => {
  const access = npmPackageAccess(CONFIGURATION, "/etc/ca.pem");
  const [mount] = access.mounts;
  assert.deepEqual([mount?.source, mount?.readOnly], ["/etc/ca.pem", true]);
  assert.match(access.homeFiles[".npmrc"]!, /^registry=http:\/\/packages\.example\/npm\/$/m);
  assert.match(access.homeFiles[".npmrc"]!, new RegExp(`^cafile=${mount?.destination}$`, "m"));
  assert.match(access.homeFiles[".yarnrc.yml"]!, /^npmRegistryServer: http:\/\/packages\.example\/npm\/$/m);
  assert.match(access.homeFiles[".yarnrc.yml"]!, /^unsafeHttpWhitelist: \["packages\.example"\]$/m);
  assert.deepEqual(access.env, { HTTPS_PROXY: "http://proxy.example:3128", NODE_EXTRA_CA_CERTS: mount?.destination });
  assert.doesNotMatch(JSON.stringify(access), /secret/);
});

test("without a bundle of certificates nothing is mounted", () => {
  const access = npmPackageAccess(CONFIGURATION);
  assert.deepEqual(access.mounts, []);
  assert.doesNotMatch(access.homeFiles[".npmrc"]!, /cafile/);
});
