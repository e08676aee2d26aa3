import assert from "node:assert/strict";
import { mkdtempDisposableSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { formatNpmrc, readNpmConfiguration } from "./npm-configuration.ts";

test("npm's own view of its configuration is read, with the credentials of its registries only", async () => {
  using temp = mkdtempDisposableSync(join(tmpdir(), "npmrc-"));
  const lines = [
    "registry=https://packages.example/npm",
    "@acme:registry=https://acme.example/",
    "cafile=/etc/ca.pem",
    "noproxy=a.example,b.example",
    "//packages.example/:_authToken=one",
    "//acme.example/:_authToken=two",
    "//elsewhere.example/:_authToken=three",
  ];
  const userconfig = join(temp.path, "npmrc");
  writeFileSync(userconfig, lines.join("\n"));
  const env = {
    PATH: process.env["PATH"],
    HOME: temp.path,
    NPM_CONFIG_USERCONFIG: userconfig,
    NPM_CONFIG_GLOBALCONFIG: join(temp.path, "none"),
    npm_config_loglevel: "silent",
  };
  const configuration = await readNpmConfiguration(env);
  assert.deepEqual(configuration, {
    registry: "https://packages.example/npm/",
    scopes: { "@acme": "https://acme.example/" },
    caFile: "/etc/ca.pem",
    noProxy: "a.example,b.example",
    strictSsl: true,
    credentialLines: ["//packages.example/:_authToken=one", "//acme.example/:_authToken=two"],
  });
  const text =
    "registry=https://packages.example/npm/\n@acme:registry=https://acme.example/\ncafile=/ca.crt\nnoproxy=a.example,b.example\n";
  assert.equal(formatNpmrc(configuration, { caFile: "/ca.crt" }), text);
  assert.match(formatNpmrc(configuration, { withCredentials: true }), /_authToken=one\n\/\/acme/);
});
