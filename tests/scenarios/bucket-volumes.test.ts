import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { after, before, describe, test } from "node:test";
import { promisify } from "node:util";
import { mountForTest, TEST_ACCOUNT, type TestVolume } from "../../src/instances/volumes/testing/mount-for-test.ts";
import type { BucketVolume } from "../../src/instances/workload.ts";
import { storage } from "../../src/services/storage/module.ts";
import { type BootedApi, bootApi } from "../support/boot-api.ts";
import { grantRoles } from "../support/grant-roles.ts";
import { until } from "../support/until.ts";

const MIB = 1024 * 1024;
const run = promisify(execFile);

let api: BootedApi;
before(async () => {
  api = await bootApi((deps) => [storage({ ...deps, publicKeysOf: async () => [] })]);
  await grantRoles(api, "demo", TEST_ACCOUNT, "roles/editor");
  await api.json("POST", "/storage/v1/b?project=demo", { name: "things" });
});
after(() => api[Symbol.asyncDispose]());

function mount(mountOptions: readonly string[] = [], volume: Partial<BucketVolume> = {}): Promise<TestVolume> {
  const spec = { kind: "bucket", name: "files", bucket: "things", readOnly: false, mountOptions, ...volume } as const;
  const accessToken = (email: string, scopes: readonly string[]) => api.api.deps.tokens.issueAccessToken(email, scopes);
  return mountForTest(spec, { storageUrl: () => api.url, identity: { accessToken } });
}

async function put(name: string, content: string, bucket = "things"): Promise<void> {
  const url = `${api.url}/upload/storage/v1/b/${bucket}/o?uploadType=media&name=${encodeURIComponent(name)}`;
  assert.equal((await fetch(url, { method: "POST", body: content })).status, 200);
}

async function get(name: string): Promise<string> {
  return (await fetch(`${api.url}/storage/v1/b/things/o/${encodeURIComponent(name)}?alt=media`)).text();
}

async function objectOf(name: string): Promise<Record<string, unknown>> {
  return (await api.json("GET", `/storage/v1/b/things/o/${encodeURIComponent(name)}`)).body;
}

async function names(prefix: string): Promise<string[]> {
  const { body } = await api.json("GET", `/storage/v1/b/things/o?prefix=${encodeURIComponent(prefix)}`);
  return ((body["items"] ?? []) as { name: string }[]).map(({ name }) => name);
}

describe("a bucket that is mounted", () => {
  let volume: TestVolume;
  before(async () => (volume = await mount(["only-dir=work", "rename-dir-limit=3"])));
  after(() => volume[Symbol.asyncDispose]());

  test("shows objects as files, and folders that have no object of their own", async () => {
    await put("work/a/b/file.txt", "content");
    await put("work/a//odd", "cannot be shown");
    assert.equal(await volume.sh("ls -F . a a/b; cat a/b/file.txt"), ".:\na/\n\na:\nb/\n\na/b:\nfile.txt\ncontent");
    assert.equal(
      await volume.sh("stat -c '%a %u %g %s %F' a/b/file.txt a"),
      "644 0 0 7 regular file\n755 0 0 0 directory\n",
    );
  });

  test("takes what is written when it is closed", async () => {
    assert.equal(await volume.sh("echo one > notes.txt; echo two >> notes.txt; cat notes.txt"), "one\ntwo\n");
    assert.equal(await get("work/notes.txt"), "one\ntwo\n");
    assert.equal((await objectOf("work/notes.txt"))["contentType"], "text/plain; charset=utf-8");
    await volume.sh("exec 3> open; echo early >&3; sync open; echo late >&3; sleep 30 >/dev/null 2>&1 & echo $! > pid");
    assert.equal(await get("work/open"), "early\nlate\n");
    await volume.sh("kill $(cat pid); rm open pid");
    await until(async () => (await names("work/open")).length === 0);
  });

  test("is changed as coreutils, sed and node change files", async () => {
    const script = `
      seq 1 10000 > numbers && sed -i 's/^5000$/half/' numbers && sed -n 5000p numbers && wc -l < numbers
      truncate -s 4 numbers && od -c numbers | head -1 && truncate -s 6 numbers && stat -c %s numbers
      printf XY | dd of=numbers bs=1 seek=1 conv=notrunc 2>/dev/null && od -c numbers | head -1
      cp numbers copy && cmp numbers copy && touch -d 2020-01-02T03:04:05Z copy && date -u -r copy +%FT%T
      ln -s numbers link && readlink link && cmp link numbers
      mv copy moved && ls && rm link moved numbers && ls`;
    const dump = (text: string) => `0000000   ${text}\n`;
    const expected = [
      "half\n10000\n",
      `${dump("1  \\n   2  \\n")}6\n`,
      dump("1   X   Y  \\n  \\0  \\0"),
      "2020-01-02T03:04:05\n",
      "numbers\n",
      "a\nlink\nmoved\nnotes.txt\nnumbers\n",
      "a\nnotes.txt\n",
    ];
    assert.equal(await volume.sh(script), expected.join(""));
    const node = `
      const fs = require("node:fs/promises");
      const file = await fs.open("log", "a+");
      await Promise.all([1, 2, 3].map((line) => file.appendFile(line + "\\n")));
      await file.sync(); await file.close();
      await fs.appendFile("log", "4\\n"); await fs.mkdir("x/y/z", { recursive: true });
      await fs.rename("log", "x/y/z/log"); console.log(await fs.readFile("x/y/z/log", "utf8"));
      await fs.rm("x", { recursive: true }); console.log(await fs.readdir("."));`;
    const { stdout } = await run(process.execPath, ["-e", `(async () => {${node}})()`], { cwd: volume.source });
    assert.deepEqual(stdout.split("\n").slice(0, 4).sort(), ["1", "2", "3", "4"]);
    assert.match(stdout, /\[ 'a', 'notes.txt' \]/);
  });

  test("makes, renames and removes folders, up to the limit that is set", async () => {
    assert.match(await volume.sh("mkdir d && echo x > d/x && mkdir d; rmdir d"), /File exists[^]*Directory not empty/);
    assert.deepEqual(await names("work/d"), ["work/d/", "work/d/x"]);
    assert.equal(
      await volume.sh("mv d e && cat e/x && mkdir e/sub && mv e/x e/sub/y && ls e e/sub"),
      "x\ne:\nsub\n\ne/sub:\ny\n",
    );
    assert.deepEqual(await names("work/e"), ["work/e/", "work/e/sub/", "work/e/sub/y"]);
    assert.match(await volume.sh("touch e/1 e/2; mv e f"), /Too many open files/);
    assert.equal(await volume.sh("rm -r e && ls"), "a\nnotes.txt\n");
    assert.deepEqual(await names("work/e"), []);
  });

  test("keeps a file that is removed or replaced while it is open usable for who wrote it", async () => {
    assert.equal(
      await volume.sh("exec 3<> f; echo kept >&3; rm f; echo more >&3; ls; cat /proc/self/fd/3"),
      "a\nnotes.txt\nkept\nmore\n",
    );
    assert.deepEqual(await names("work/f"), []);
  });
});

test("two mounts of a bucket see what the other closed, and the last one to write wins", async () => {
  await using one = await mount();
  await using two = await mount();
  await one.sh("mkdir shared; echo from one > shared/file");
  assert.equal(await two.sh("cat shared/file"), "from one\n");
  assert.equal(await two.sh("echo from two, longer >> shared/file"), "");
  assert.equal(await one.sh("cat shared/file"), "from one\nfrom two, longer\n");
  assert.equal(await one.sh("echo and one >> shared/file; cat shared/file"), "from one\nfrom two, longer\nand one\n");
  assert.equal(await two.sh("echo short > shared/file"), "");
  assert.equal(await one.sh("cat shared/file; exec 3> shared/file; echo last >&3"), "short\n");
  assert.equal(await two.sh("cat shared/file; rm -r shared"), "last\n");
  assert.match(await one.sh("cat shared/file"), /No such file/);
  assert.equal(await two.sh("mkdir shared; echo a > shared/a; cat shared/a"), "a\n");
  assert.equal(await one.sh("stat -c %s shared/a"), "2\n");
  await two.sh("rm shared/a");
  assert.equal(await one.sh("echo new > shared/a; cat shared/a"), "new\n");
  assert.equal(await two.sh("cat shared/a"), "new\n");
});

test("large content is staged on disk and streamed", async () => {
  await using volume = await mount(["only-dir=large"]);
  const made = await volume.sh("head -c 104857600 /dev/urandom > big && md5sum < big");
  assert.equal((await objectOf("large/big"))["size"], String(100 * MIB));
  await using other = await mount(["only-dir=large"]);
  assert.equal(await other.sh("md5sum < big"), made);
  const [pid] = await other.daemons();
  const { stdout } = await run("sed", ["-n", "s/^VmHWM:\\s*\\([0-9]*\\) kB/\\1/p", `/proc/${pid}/status`]);
  assert.ok(Number(stdout) < 300 * 1024, `a daemon needed ${stdout.trim()} KiB`);
  const parts = "for at in 777 3 20000; do dd if=big bs=4096 skip=$at count=1 2>/dev/null; done | md5sum";
  assert.equal(await other.sh(parts), await volume.sh(parts));
});

test("folders without objects show only where they are implicit, and hide files of their name", async () => {
  await put("many/plain", "x");
  await put("many/folder/file", "x");
  await put("many/folder", "a file named as the folder");
  await put("many/made/", "");
  await using volume = await mount(["only-dir=many"]);
  assert.equal(
    await volume.sh("ls -F folder .; cat 'folder\n'"),
    ".:\nfolder/\nfolder\n\nmade/\nplain\n\nfolder:\nfile\na file named as the folder",
  );
  await using explicit = await mount(["only-dir=many", "implicit-dirs=false"]);
  assert.equal(await explicit.sh("ls -F; cat folder"), "folder\nmade/\nplain\na file named as the folder");
});

test("owner and modes are those of the mount, and what is read-only is refused", async () => {
  await put("own/file", "x");
  await using mine = await mount(["only-dir=own", "uid=1000", "gid=1000", "file-mode=600", "dir-mode=700"]);
  assert.equal(await mine.sh("stat -c '%a %u' . file; echo y >> file; cat file", 1000), "700 1000\n600 1000\nxy\n");
  assert.match(await mine.sh("true", 2000), /cd: /);
  await using readOnly = await mount(["only-dir=own"], { readOnly: true });
  assert.match(await readOnly.sh("cat file; echo z > file; touch new"), /^xy\n[^]*(Read-only file system[^]*){2}/);
  assert.equal(readOnly.readOnly, true);
});

test("a bucket that is not there, or an option that is not supported, is said", async () => {
  await assert.rejects(mount([], { bucket: "absent" }), /absent failed: The specified bucket does not exist\./);
  await assert.rejects(mount(["key-file=x"]), /The mount option key-file is not supported by homerun\./);
});

test("what may not be done, or cannot, is an error of the call", async () => {
  await api.json("POST", "/storage/v1/b?project=demo", { name: "passing" });
  await put("file", "x", "passing");
  await using volume = await mount([], { bucket: "passing" });
  assert.equal(await volume.sh("cat file"), "x");
  await api.json("DELETE", "/storage/v1/b/passing/o/file");
  await api.json("DELETE", "/storage/v1/b/passing");
  assert.match(await volume.sh("echo y | dd of=other"), /dd: .*No such file or directory|Input\/output error/);
});

test("a daemon that dies gives errors at once, and its instance can go", async () => {
  await using volume = await mount(["only-dir=work"]);
  for (const pid of await volume.daemons()) process.kill(pid, "SIGKILL");
  await assert.rejects(run("ls", [volume.source]), /Transport endpoint is not connected|Software caused/);
});
