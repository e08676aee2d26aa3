import assert from "node:assert/strict";
import { mkdtempDisposableSync, readFileSync, readlinkSync, statSync } from "node:fs";
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { chmod, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { gitIsHere, startGitServer } from "../../../../../tests/support/git-server.ts";
import { systemClock } from "../../../../platform/clock.ts";
import { createGit } from "./git.ts";
import { GitError } from "./git-error.ts";
import { parseGitUrl, repositoryNames } from "./git-url.ts";

const git = createGit(systemClock);
const { signal } = new AbortController();
const remoteOf = (url: string) => parseGitUrl(url, "url");
const run = promisify(execFile);
const inGit = async (folder: string, ...args: string[]) => (await run("git", ["-C", folder, ...args])).stdout.trim();

describe("git over http", { skip: gitIsHere() ? false : "NOT RUN: git is not on the PATH" }, () => {
  test("resolves branches, tags, refs and hashes, and makes a clone that git itself can use", async () => {
    await using server = await startGitServer();
    using temp = mkdtempDisposableSync(join(tmpdir(), "homerun-clone-"));
    const text = Array.from({ length: 4000 }, (_, line) => `line ${line}\n`).join("");
    const first = await server.commit("first", { "index.js": "1", "docs/read me.txt": "é", "big.txt": text });
    await server.git("tag", "-a", "v1", "-m", "one");
    await server.git("push", "-q", "origin", "v1");
    await server.git("checkout", "-q", "-b", "feature/x");
    await symlink("docs/read me.txt", join(await server.git("rev-parse", "--show-toplevel"), "link"));
    // Files that are nearly the same are sent as deltas of each other.
    const files = {
      "big2.txt": text.replace("line 7\n", "seven\n"),
      "big3.txt": `${text}end`,
      "run.sh": "#!/bin/sh\n",
    };
    await server.commit("second", files);
    await chmod(join(await server.git("rev-parse", "--show-toplevel"), "run.sh"), 0o755);
    const second = await server.commit("third: subject\n\nbody", { "deep/er/file": "x" });
    const remote = remoteOf(server.url);
    assert.deepEqual(await git.resolve(remote, "", signal), { commit: first, ref: "refs/heads/main" });
    assert.deepEqual(await git.resolve(remote, "v1", signal), { commit: first, ref: "refs/tags/v1" });
    assert.deepEqual(await git.resolve(remote, "feature/x", signal), { commit: second, ref: "refs/heads/feature/x" });
    assert.deepEqual((await git.resolve(remote, "refs/heads/main", signal)).commit, first);
    assert.deepEqual(await git.resolve(remote, second, signal), { commit: second, ref: undefined });
    const folder = join(temp.path, "source");
    assert.equal(await git.clone(remote, second, folder, signal), "third: subject");
    for (const [name, content] of Object.entries({ ...files, "big.txt": text, "docs/read me.txt": "é" }))
      assert.equal(readFileSync(join(folder, name), "utf8"), content);
    assert.equal(readlinkSync(join(folder, "link")), "docs/read me.txt");
    assert.equal(statSync(join(folder, "run.sh")).mode & 0o777, 0o755);
    assert.equal(await inGit(folder, "status", "--porcelain"), "");
    assert.equal(await inGit(folder, "fsck", "--full", "--strict"), "");
    assert.equal(await inGit(folder, "log", "--format=%H %s"), `${second} third: subject`);
    await inGit(folder, "fetch", "-q", "--unshallow");
    assert.equal(await inGit(folder, "rev-list", "--count", "HEAD"), "3");
  });

  test("a private repository opens to the user and token in the URL, which stay out of the clone and of errors", async () => {
    await using server = await startGitServer("ann:to/ken");
    using temp = mkdtempDisposableSync(join(tmpdir(), "homerun-clone-"));
    await assert.rejects(git.resolve(remoteOf(server.url), "", signal), /^GitError: Authentication failed for 'http:/);
    const remote = remoteOf(server.url.replace("//", "//ann:to%2Fken@"));
    const wrong = remoteOf(server.url.replace("//", "//ann:wrong@"));
    await assert.rejects(git.resolve(wrong, "", signal), (error: Error) => !error.message.includes("wrong"));
    const commit = await server.commit("first", { a: "1" });
    await git.clone(remote, commit, join(temp.path, "source"), signal);
    assert.ok(!readFileSync(join(temp.path, "source", ".git", "config"), "utf8").includes("ken"));
  });

  test("what is not there or leads out is a GitError that says so", async () => {
    await using server = await startGitServer();
    using temp = mkdtempDisposableSync(join(tmpdir(), "homerun-clone-"));
    await server.commit("first", { a: "1" });
    const top = await server.git("rev-parse", "--show-toplevel");
    await symlink("../../../etc/passwd", join(top, "out"));
    const commit = await server.commit("a link that leads out", { b: "2" });
    const remote = remoteOf(server.url);
    const fails = (work: Promise<unknown>, message: RegExp) =>
      assert.rejects(work, (error) => error instanceof GitError && message.test(error.message));
    await fails(git.resolve(remote, "absent", signal), /^couldn't find remote ref absent$/);
    await fails(git.resolve(remote, "a b", signal), /^couldn't find remote ref/);
    await fails(git.resolve(remoteOf(server.url.replace("hello", "other")), "", signal), /other.git\/' not found/);
    await fails(git.clone(remote, "0".repeat(40), join(temp.path, "none"), signal), /^remote error: .*not our ref/);
    await fails(git.clone(remote, commit, join(temp.path, "out"), signal), /the link "out" leads out of the source/);
    await fails(
      git.resolve(remoteOf("http://127.0.0.1:1/x"), "", signal),
      /^unable to access 'http:\/\/127.0.0.1:1\/x\/'/,
    );
  });
});

describe("URLs of repositories", () => {
  test("are http or https ones, and never link-local", () => {
    for (const url of ["file:///etc", "ssh://git@host/x", "git@host:acme/x.git", "git://host/x"])
      assert.throws(() => remoteOf(url), /^ApiError: The field url other than http and https is not supported/);
    for (const url of ["", "hello", "https://", "https://host/x?y=1"])
      assert.throws(() => remoteOf(url), /^ApiError: invalid repository URL in url$/);
    for (const url of ["http://169.254.169.254/x", "http://[fe80::1]/x"])
      assert.throws(() => remoteOf(url), /link-local/);
  });

  test("name the repository", () => {
    const remote = remoteOf("https://user:pass@host:8443/acme/hello.git/");
    assert.equal(remote.url, "https://host:8443/acme/hello.git");
    assert.deepEqual(repositoryNames(remote), { name: "hello", fullName: "acme/hello" });
  });
});
