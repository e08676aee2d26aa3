import assert from "node:assert/strict";
import { mkdirSync, mkdtempDisposableSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { centralMirror, parseMavenSettings, readMavenSettings } from "./maven-settings.ts";

// Not a template of this language.
const VARIABLE = ["$", "{env.REPO_HOST}"].join("");
const mirror = (id: string, mirrorOf: string, url: string, more = ""): string =>
  `<mirror><id>${id}</id><mirrorOf>${mirrorOf}</mirrorOf><url>${url}</url>${more}</mirror>`;

test("mirrors and proxies are read without credentials, comments and what blocks", () => {
  const { mirrors, proxies } = parseMavenSettings(
    `<settings><!-- ${mirror("old", "*", "https://old.example")} -->
      <servers><server><id>corp</id><username>me</username><password>secret</password></server></servers>
      <mirrors>
        ${mirror("corp", "external:*", `https://me:secret@${VARIABLE}/maven?a=1&amp;b=2`)}
        ${mirror("blocker", "external:http:*", "http://0.0.0.0/", "<blocked>true</blocked>")}
        ${mirror("local", "x", "file:///srv/maven")}
      </mirrors>
      <proxies>
        <proxy><host>proxy.example</host><port>3128</port><username>me</username><nonProxyHosts>a|b</nonProxyHosts></proxy>
        <proxy><active>false</active><host>off.example</host></proxy>
      </proxies></settings>`,
    { REPO_HOST: "repo.example" },
  );
  assert.deepEqual(mirrors, [{ id: "corp", mirrorOf: "external:*", url: "https://repo.example/maven?a=1&b=2" }]);
  assert.deepEqual(proxies, [{ protocol: "http", host: "proxy.example", port: "3128", nonProxyHosts: "a|b" }]);
});

test("the mirror of the central repository is the one that names it, else one for all", () => {
  const mirrorOf = (...patterns: string[]): string | undefined =>
    centralMirror(
      parseMavenSettings(
        patterns.map((pattern) => mirror(pattern, pattern, `https://${pattern.length}.example`)).join(""),
      ),
    );
  assert.equal(mirrorOf("*", "central"), "https://7.example");
  assert.equal(mirrorOf("other", "external:*"), "https://10.example");
  assert.equal(mirrorOf("*,!central", "other"), undefined);
});

test("the user's settings win over those of the installation, which the program on the PATH leads to", async () => {
  using temp = mkdtempDisposableSync(join(tmpdir(), "maven-"));
  const path = (...parts: string[]): string => join(temp.path, ...parts);
  for (const folder of ["maven/bin", "maven/conf", "bin", ".m2"]) mkdirSync(path(folder), { recursive: true });
  writeFileSync(path("maven/bin/mvn"), "");
  symlinkSync(path("maven/bin/mvn"), path("bin/mvn"));
  writeFileSync(
    path("maven/conf/settings.xml"),
    mirror("a", "central", "https://a.example") + mirror("b", "b", "https://b.example"),
  );
  writeFileSync(path(".m2/settings.xml"), mirror("a", "central", "https://user.example"));
  const settings = await readMavenSettings({ PATH: `/none:${path("bin")}` }, temp.path);
  assert.deepEqual(
    settings.mirrors.map(({ url }) => url),
    ["https://user.example", "https://b.example"],
  );
  assert.deepEqual(await readMavenSettings({}, path("nobody")), { mirrors: [], proxies: [] });
});
