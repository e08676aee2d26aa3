import assert from "node:assert/strict";
import { test } from "node:test";
import { goPackageAccess } from "./go.ts";

test("proxies go in without the machine's credentials and folders", () => {
  const proxies = (proxy: string): string | undefined =>
    goPackageAccess({ proxy, patterns: {} }, undefined).env["GOPROXY"];
  assert.equal(
    proxies("https://user:secret@a.example/go|file:///srv/go,https://b.example,direct"),
    "https://a.example/go|https://b.example,direct",
  );
  assert.equal(proxies("https://a.example,file:///srv/go"), "https://a.example");
  assert.equal(proxies("file:///srv/go"), "direct");
  assert.equal(proxies("off"), "off");
});

test("the caches are the project's, and settings for private modules and certificates go in", () => {
  const configuration = { checksumDatabase: "sum.example", patterns: { GOPRIVATE: "*.corp.example" } };
  const { env, mounts } = goPackageAccess(configuration, "/etc/ca.pem");
  const [mount] = mounts;
  assert.deepEqual([mount?.source, mount?.readOnly], ["/etc/ca.pem", true]);
  assert.ok(mount?.destination.startsWith(env["SSL_CERT_DIR"]!.split(":")[0]!));
  assert.deepEqual([env["GOSUMDB"], env["GOPRIVATE"], env["GOPROXY"]], ["sum.example", "*.corp.example", undefined]);
  for (const name of ["GOCACHE", "GOMODCACHE"]) assert.match(env[name]!, /^\/cache\//);
});
