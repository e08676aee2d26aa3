import assert from "node:assert/strict";
import { test } from "node:test";
import { buildFailure } from "./build-failure.ts";
import { createBuildOutput } from "./build-output.ts";

const ID = "0cf8a4da8a4a".padEnd(64, "0");

test("podman's lines become docker's", () => {
  const output = createBuildOutput();
  const lines = [
    "STEP 1/2: FROM scratch",
    "STEP 2/2: RUN id",
    `--> Using cache ${ID}`,
    "--> 0cf8a4da8a4a",
    "uid=0(root)",
    "subprocess exited with status 1",
    "which the program itself had printed",
    "[2/2] COMMIT h/p/r/i:1",
    "--> 0cf8a4da8a4a",
    "Successfully tagged h/p/r/i:1",
    "Successfully tagged localhost/short:latest",
    ID,
  ].flatMap((line) => output.line(line));
  assert.deepEqual(lines, [
    "Step 1/2 : FROM scratch",
    "Step 2/2 : RUN id",
    " ---> Using cache",
    " ---> 0cf8a4da8a4a",
    "uid=0(root)",
    "subprocess exited with status 1",
    "which the program itself had printed",
    " ---> 0cf8a4da8a4a",
    "Successfully built 0cf8a4da8a4a",
    "Successfully tagged h/p/r/i:1",
    "Successfully tagged short:latest",
  ]);
  assert.deepEqual(output.end(), { lines: [], error: undefined });
});

test("a failing RUN ends with docker's words and its own exit code", () => {
  const output = createBuildOutput();
  output.line("STEP 2/2: RUN echo a && exit 7");
  assert.deepEqual(output.line("subprocess exited with status 7"), []);
  assert.deepEqual(
    output.line('Error: building at STEP "RUN echo a && exit 7": while running runtime: exit status 7'),
    [],
  );
  const { error } = output.end();
  assert.deepEqual(buildFailure(error!, output.instruction, undefined), {
    message: "The command '/bin/sh -c echo a && exit 7' returned a non-zero code: 7",
    exitCode: 7,
  });
  const exec = buildFailure(
    'Error: building at STEP "RUN sh": exit status 9',
    'RUN --mount=type=cache,target=/c ["sh"]',
    "",
  );
  assert.equal(exec.message, "The command 'sh' returned a non-zero code: 9");
});

test("what a program prints like an error stays, and an error of several lines is one", () => {
  const output = createBuildOutput();
  const printed = ["Error: of a program", "more", "Error: podman's", "second line"].flatMap((line) =>
    output.line(line),
  );
  const { lines, error } = output.end();
  assert.deepEqual([printed, lines], [[], ["Error: of a program", "more"]]);
  assert.equal(error, "Error: podman's\nsecond line");
  for (let line = 0; line < 6; line++) printed.push(...output.line(`line ${line}`));
  assert.deepEqual(printed.slice(-1), ["line 5"]);
});

test("other failures say what docker says, and end with 1", () => {
  const said = (error: string, instruction = "", dockerfile = "FROM a\nrum b\n"): string => {
    const { message, exitCode } = buildFailure(`Error: ${error}`, instruction, dockerfile);
    assert.equal(exitCode, 1);
    return message;
  };
  assert.equal(
    said('building at STEP "RUM ": Build error: Unknown instruction: "RUM" &imagebuilder.Step{Env:[]}'),
    "Error response from daemon: dockerfile parse error line 2: unknown instruction: RUM",
  );
  assert.equal(said("no FROM statement found"), "Error response from daemon: no build stage in current context");
  const outside =
    'building at STEP "COPY ../x /": checking on sources: possible escaping context directory error: none';
  assert.equal(said(outside, "COPY ../x /"), "COPY failed: forbidden path outside the build context: ../x ()");
  const missing =
    'building at STEP "ADD a /": checking on sources under "/w": copier: stat: "/a": no such file or directory';
  assert.match(said(missing), /^ADD failed: file not found in build context or excluded by .dockerignore: stat a: /);
  const internal =
    'building at STEP "COPY a /": error during bulk transfer for copier.request{A:{}}: copier: put: full';
  assert.equal(said(internal), 'Error response from daemon: building at STEP "COPY a /": copier: put: full');
});
