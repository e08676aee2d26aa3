import assert from "node:assert/strict";
import { test } from "node:test";
import { buildCommand } from "./build-command.ts";
import { runCommand } from "./run-command.ts";
import { UsageError } from "./usage-error.ts";

const FIXED = ["build", "--isolation", "oci", "--layers", "--identity-label=false", "--format", "docker"];

test("docker build becomes podman build with the same image", () => {
  const command = buildCommand(
    ["--network=cloudbuild", "--no-cache", "-t", "a", "-tb:1", "--build-arg", "V=1", "--progress", "plain", "dir"],
    {},
  );
  const args = [
    "--no-cache=true",
    "--tag",
    "a",
    "--tag",
    "b:1",
    "--build-arg",
    "V=1",
    "--file",
    "dir/Dockerfile",
    "dir",
  ];
  assert.deepEqual(command.args, [...FIXED, ...args]);
  assert.deepEqual([command.push, command.quiet, command.context, command.file], [[], false, "dir", "dir/Dockerfile"]);
});

test("flags may follow the folder, and -f and --pull are understood", () => {
  const { args, quiet, file } = buildCommand([".", "-qf", "other", "--pull"], {});
  assert.deepEqual(args, [...FIXED, "--quiet=true", "--pull=always", "--file", "other", "."]);
  assert.deepEqual([quiet, file], [true, "other"]);
});

test("buildx pushes what it is told to, and exports files", () => {
  assert.deepEqual(buildCommand(["--push", "-t", "h/a", "-t", "h/b", "."], {}).push, ["h/a", "h/b"]);
  assert.deepEqual(buildCommand(["-o", "type=registry", "-t", "h/a", "."], {}).push, ["h/a"]);
  const exported = buildCommand(["-o", "type=local,dest=out", "--load", "--provenance=false", "."], {});
  assert.deepEqual(exported.args.slice(-5), ["--output", "type=local,dest=out", "--file", "Dockerfile", "."]);
});

test("SOURCE_DATE_EPOCH makes a build reproducible, and nothing else does", () => {
  assert.ok(!buildCommand(["."], {}).args.includes("--timestamp"));
  const given = buildCommand(["--build-arg", "SOURCE_DATE_EPOCH=12", "."], { SOURCE_DATE_EPOCH: "99" });
  assert.equal(given.args[given.args.indexOf("--timestamp") + 1], "12");
  const inherited = buildCommand(["--build-arg", "SOURCE_DATE_EPOCH", "."], { SOURCE_DATE_EPOCH: "99" });
  assert.equal(inherited.args[inherited.args.indexOf("--timestamp") + 1], "99");
  assert.equal(inherited.args[inherited.args.indexOf("--format") + 1], "oci");
});

test("a context on standard input or at a URL has no file of its own", () => {
  assert.deepEqual(buildCommand(["-"], {}).args, [...FIXED, "-"]);
  assert.equal(buildCommand(["https://example.com/repo.git"], {}).file, undefined);
});

test("what cannot be done is refused in docker's words", () => {
  const refused = (args: readonly string[]): string => {
    try {
      return buildCommand(args, {}).args.join(" ");
    } catch (error) {
      assert.ok(error instanceof UsageError);
      return error.message;
    }
  };
  assert.equal(refused([]), '"docker build" requires exactly 1 argument.');
  assert.equal(refused(["--frob", "."]), "unknown flag: --frob");
  assert.equal(refused(["-z", "."]), "unknown shorthand flag: 'z' in -z");
  assert.equal(refused([".", "-t"]), "flag needs an argument: 't' in -t");
  assert.equal(refused(["--network", "none", "."]), "network none is not supported");
  assert.equal(refused(["--sbom=true", "."]), "--sbom=true is not supported");
  assert.equal(refused(["-o", "type=oci,dest=x", "."]), "output type=oci,dest=x is not supported");
});

test("docker run keeps the command as it is and shares the step's network", () => {
  const args = [
    "--rm",
    "-it",
    "-eA=b",
    "-v",
    "/w:/w",
    "--network",
    "cloudbuild",
    "-m",
    "1g",
    "image",
    "sh",
    "-c",
    "-x",
  ];
  const env = ["--rm=true", "--interactive=true", "--tty=true", "--env=A=b", "--volume=/w:/w"];
  assert.deepEqual(runCommand("run", args), ["run", ...env, "image", "sh", "-c", "-x"]);
  assert.throws(() => runCommand("run", ["--network", "none", "image"]), /network none is not supported/);
  assert.throws(() => runCommand("create", ["--rm"]), /"docker create" requires at least 1 argument/);
});
