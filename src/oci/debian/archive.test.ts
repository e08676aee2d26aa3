import assert from "node:assert/strict";
import { mkdtempDisposableSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { composeArchive, hostArchive, NoArchiveError } from "./archive.ts";

async function archiveOf(osRelease: string, sources: string, codename?: string) {
  using temp = mkdtempDisposableSync(join(tmpdir(), "apt-"));
  writeFileSync(join(temp.path, "os-release"), osRelease);
  writeFileSync(join(temp.path, "sources.list"), sources);
  const host = { aptFolder: temp.path, osReleaseFile: join(temp.path, "os-release") };
  return await (codename === undefined ? hostArchive(host) : composeArchive(codename, undefined, host));
}

const DEBIAN = 'ID=debian\nVERSION_CODENAME="bookworm"\n';

test("on Debian images are made of trixie, from the host's mirrors, security included where the host has it", async () => {
  const sources = `deb http://mirror.example/debian bookworm main contrib
deb http://mirror.example/debian bookworm-backports main
deb http://security.example/debian-security bookworm-security main
deb [signed-by=/usr/share/keyrings/other.gpg] http://other.example/debian bookworm main
deb http://third.example/debian bookworm stable
`;
  const archive = await archiveOf(DEBIAN, sources);
  assert.deepEqual(archive.suites, [
    { uri: "http://mirror.example/debian", suite: "trixie", components: ["main"] },
    { uri: "http://security.example/debian-security", suite: "trixie-security", components: ["main"] },
  ]);
  assert.ok(archive.keyrings.some((file) => file.endsWith("debian-archive-trixie-stable.asc")));
});

test("on Ubuntu images are made of the host's own release", async () => {
  const sources = "deb http://mirror.example/ubuntu noble main universe restricted\n";
  const archive = await archiveOf("ID=ubuntu\nVERSION_CODENAME=noble\n", sources);
  assert.deepEqual(await archiveOf("ID=ubuntu\nVERSION_CODENAME=noble\n", sources, "trixie"), archive);
  const older = archiveOf("ID=ubuntu\nVERSION_CODENAME=noble\n", sources, "bookworm");
  await assert.rejects(older, { name: "NoArchiveError", message: /Debian bookworm .* --debian-mirror$/ });
  assert.equal(archive.codename, "noble");
  assert.deepEqual(archive.suites, [
    { uri: "http://mirror.example/ubuntu", suite: "noble", components: ["main", "universe"] },
  ]);
});

test("elsewhere the settings must name an archive", async () => {
  await assert.rejects(archiveOf("ID=fedora\n", ""), NoArchiveError);
  await assert.rejects(archiveOf(DEBIAN, "deb http://x.example/debian bookworm-backports main\n"), NoArchiveError);
});
