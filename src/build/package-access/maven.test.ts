import assert from "node:assert/strict";
import { test } from "node:test";
import { parseMavenSettings } from "../../platform/registries/maven-settings.ts";
import { mavenPackageAccess } from "./maven.ts";

test("Maven gets the machine's mirrors and proxies, and keeps downloads with the project", () => {
  const mirrors = [{ id: "corp", mirrorOf: "*", url: "https://repo.example/maven?a=1&b=2" }];
  const proxies = [{ protocol: "https", host: "proxy.example", port: "3128", nonProxyHosts: "*.local|b" }];
  const { env, homeFiles, mounts } = mavenPackageAccess({ mirrors, proxies });
  const settings = homeFiles[".m2/settings.xml"]!;
  assert.deepEqual(parseMavenSettings(settings), { mirrors, proxies });
  assert.match(settings, /<localRepository>\/cache\/maven\/repository<\/localRepository>/);
  assert.deepEqual(mounts, []);
  assert.match(env["MAVEN_USER_HOME"]!, /^\/cache\//);
  assert.match(env["GRADLE_USER_HOME"]!, /^\/cache\//);
  assert.equal(
    env["GRADLE_OPTS"],
    '-Dhttps.proxyHost=proxy.example -Dhttps.proxyPort=3128 "-Dhttp.nonProxyHosts=*.local|b"',
  );
});
