import assert from "node:assert/strict";
import { test } from "node:test";
import { pipPackageAccess } from "./pip.ts";

test("pip, uv and Pipenv get the machine's index and its certificates", () => {
  const configuration = {
    indexUrl: "https://packages.example/simple",
    extraIndexUrls: ["https://more.example/simple"],
    trustedHosts: ["more.example"],
    proxy: "http://proxy.example:3128",
  };
  const { env, homeFiles, mounts } = pipPackageAccess(configuration, "/etc/ca.pem");
  const [mount] = mounts;
  assert.deepEqual([mount?.source, mount?.readOnly], ["/etc/ca.pem", true]);
  for (const name of ["PIP_CERT", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"]) assert.equal(env[name], mount?.destination);
  assert.equal(env["PIPENV_PYPI_MIRROR"], "https://packages.example/simple");
  assert.equal(env["HTTPS_PROXY"], "http://proxy.example:3128");
  const pipConf = homeFiles[".config/pip/pip.conf"]!;
  assert.match(pipConf, /^index-url = https:\/\/packages\.example\/simple$/m);
  assert.match(pipConf, /^extra-index-url =\n {4}https:\/\/more\.example\/simple$/m);
  assert.match(pipConf, /^trusted-host =\n {4}more\.example$/m);
  const uvToml = homeFiles[".config/uv/uv.toml"]!;
  assert.match(uvToml, /^url = "https:\/\/packages\.example\/simple"\ndefault = true$/m);
  assert.match(uvToml, /^allow-insecure-host = \["more\.example"\]$/m);
});

test("where pip has no settings, the tools are left to their defaults", () => {
  const { env, homeFiles, mounts } = pipPackageAccess({ extraIndexUrls: [], trustedHosts: [] }, undefined);
  assert.deepEqual(mounts, []);
  assert.equal(env["PIP_CERT"], undefined);
  assert.equal(homeFiles[".config/pip/pip.conf"], "[global]\ncache-dir = /cache/pip\n");
  assert.equal(homeFiles[".config/uv/uv.toml"], "");
});
