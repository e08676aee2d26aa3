import assert from "node:assert/strict";
import { test } from "node:test";
import { containersOwn, execFailure } from "./exec-failure.ts";

test("each runtime's words for a program that cannot be run become the same sentence", () => {
  const formats = [
    "exec container process `/app`: Exec format error",
    "runc run failed: unable to start container process: exec /app: exec format error",
    "starting container: starting root container: failed to load /app: exec format error",
  ];
  for (const words of formats) assert.equal(execFailure(words), "failed to load /app: exec format error");
  const missing = [
    "exec container process (missing dynamic library?) `/app`: No such file or directory",
    "executable file `/app` not found: No such file or directory",
    'error during container init: exec: "/app": stat /app: no such file or directory',
    'exec: "/app": executable file not found in $PATH',
    'error finding executable "/app" in PATH [/bin]: no such file or directory',
  ];
  for (const words of missing) assert.equal(execFailure(words), "failed to load /app: no such file or directory");
  const forbidden = [
    "the path `/app` exists but it is not executable: Operation not permitted",
    "the path `/app` is not a regular file: Operation not permitted",
    'unable to start container process: exec: "/app": permission denied',
  ];
  for (const words of forbidden) assert.equal(execFailure(words), "failed to load /app: permission denied");
  assert.equal(execFailure("cannot set up cgroup: no such file or directory"), undefined);
});

test("only what comes first on stderr, and is the runtime's, is kept from the container's output", () => {
  const line = '{"msg":"exec container process `/app`: Exec format error","level":"error"}\n';
  const passed: string[] = [];
  const refused = containersOwn((stream, chunk) => void passed.push(`${stream} ${chunk.toString()}`));
  void refused.onOutput("stderr", Buffer.from(line));
  assert.deepEqual([refused.notLoaded(), passed], ["failed to load /app: exec format error", []]);
  const own = containersOwn((stream, chunk) => void passed.push(`${stream} ${chunk.toString()}`));
  void own.onOutput("stdout", Buffer.from("hello"));
  void own.onOutput("stderr", Buffer.from(line));
  assert.deepEqual([own.notLoaded(), passed], [undefined, ["stdout hello", `stderr ${line}`]]);
});
