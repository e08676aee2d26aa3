import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, symlink, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { resolveImageUser } from "./image-user.ts";

let root = "";
let layers: string[] = [];

before(async () => {
  root = await mkdtemp(join(tmpdir(), "image-user-"));
  layers = ["lower", "upper", "link"].map((name) => join(root, name));
  await mkdir(join(root, "lower/etc"), { recursive: true });
  await mkdir(join(root, "upper/etc"), { recursive: true });
  await mkdir(join(root, "link"));
  await symlink("/etc", join(root, "link/etc"));
  await writeFile(join(root, "lower/etc/passwd"), "root:x:0:0::/root:/bin/sh\nold:x:7:7::/:/bin/sh\n");
  await writeFile(join(root, "lower/etc/group"), "staff:x:50:\n");
  await writeFile(join(root, "upper/etc/passwd"), "root:x:0:0::/root:/bin/sh\ncnb:x:1000:1001::/home/cnb:/bin/bash\n");
});

after(() => rm(root, { recursive: true }));

test("no user is root", async () => {
  assert.deepEqual(await resolveImageUser("", layers), { uid: 0, gid: 0, home: "/root" });
});

test("names come from the topmost files, and never from the host through a link", async () => {
  assert.deepEqual(await resolveImageUser("cnb", layers), { uid: 1000, gid: 1001, home: "/home/cnb" });
  assert.deepEqual(await resolveImageUser("cnb:staff", layers), { uid: 1000, gid: 50, home: "/home/cnb" });
  await assert.rejects(resolveImageUser("old", layers), /not in its \/etc\/passwd/);
  await assert.rejects(resolveImageUser("cnb:nobody", layers), /not in its \/etc\/group/);
});

test("numbers need no line, and get group and home from it when there is one", async () => {
  assert.deepEqual(await resolveImageUser("1000", layers), { uid: 1000, gid: 1001, home: "/home/cnb" });
  assert.deepEqual(await resolveImageUser("65532", layers), { uid: 65532, gid: 0, home: undefined });
  assert.deepEqual(await resolveImageUser("5:6", layers), { uid: 5, gid: 6, home: undefined });
});

test("a file without end is not read", async () => {
  for (const name of ["small", "huge"]) {
    await mkdir(join(root, name, "etc"), { recursive: true });
    await writeFile(join(root, name, "etc/passwd"), "cnb:x:1:1::/:/bin/sh\n");
  }
  await truncate(join(root, "huge/etc/passwd"), 2 ** 30);
  assert.equal((await resolveImageUser("cnb", [join(root, "small")])).uid, 1);
  await assert.rejects(resolveImageUser("cnb", [join(root, "huge")]), /not in its \/etc\/passwd/);
});
