import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { type BuilderBench, createBuilderBench } from "../testing/builder-bench.ts";
import { runSteps, shell } from "../testing/run-steps.ts";

const MIB = 1024 ** 2;

describe("builds of steps, in real sandboxes", () => {
  let bench: BuilderBench;
  before(async () => {
    bench = await createBuilderBench("host");
  });
  after(async () => {
    const left = readdirSync(join(bench.folder, "builds", "work"));
    await bench[Symbol.asyncDispose]();
    assert.deepEqual(left, []);
  });
  const statusesOf = ({ outcome }: Awaited<ReturnType<typeof runSteps>>) => outcome.steps.map(({ status }) => status);

  test("steps share workspace, home and volumes, and have their own environment, folder and output", async () => {
    const volumes = [{ name: "shared", path: "/mnt/shared" }];
    const run = await runSteps(bench, [
      shell("echo $A $FROM_IMAGE; pwd; cat source.txt; echo; echo 1 >made; echo 2 >~/made; echo 3 >/mnt/shared/made", {
        env: { A: "a b" },
        volumes,
      }),
      shell("pwd; cat ../made ~/made /mnt/shared/made 2>&1; echo 4 >made; printf out >$BUILDER_OUTPUT/output", {
        dir: "sub",
        volumes,
      }),
      { script: "false || true\nif [[ -n $HOME ]]; then echo $HOME; fi\nfalse\necho not here", allowExitCodes: [1] },
      { script: "#!/usr/bin/env -S sh\necho own interpreter; exit 3", allowFailure: true },
      {},
    ]);
    assert.equal(run.outcome.status, "SUCCESS", run.log.join("\n"));
    assert.deepEqual(
      run.log.filter((line) => !/Step #|Already have/.test(line)),
      [
        "BUILD",
        "0: a b yes",
        "0: /workspace",
        "0: the source",
        "1: /workspace/sub",
        "1: 1",
        "1: 2",
        "1: 3",
        "2: /builder/home",
        "3: own interpreter",
        "4: the default command",
        "PUSH",
      ],
    );
    assert.deepEqual(statusesOf(run), ["SUCCESS", "SUCCESS", "FAILURE", "FAILURE", "SUCCESS"]);
    assert.deepEqual(
      run.outcome.steps.map(({ exitCode }) => exitCode),
      [0, 0, 1, 3, 0],
    );
    assert.equal(Buffer.from(run.outcome.steps[1]!.output).toString(), "out");
    assert.equal(readFileSync(join(run.workspace, "sub", "made"), "utf8"), "4\n");
  });

  test("runs in parallel what the graph allows, and what comes after both when both are done", async () => {
    const meet = (own: string, other: string) =>
      shell(`touch ${own}; until [ -e ${other} ]; do sleep 0.05; done; echo met ${other}`, { after: [] });
    const run = await runSteps(bench, [meet("a", "b"), meet("b", "a"), shell("ls")]);
    assert.equal(run.outcome.status, "SUCCESS", run.log.join("\n"));
    assert.ok(run.log.includes("Starting Step #2"));
    assert.deepEqual(run.log.slice(-5), ["2: a", "2: b", "2: source.txt", "Finished Step #2", "PUSH"]);
  });

  test("a failure ends what runs beside it, and nothing comes after it", async () => {
    const run = await runSteps(bench, [
      shell("until [ -e ready ]; do sleep 0.05; done; exit 7", { id: "bad", after: [] }),
      shell("touch ready; sleep 1000", { after: [] }),
      shell("echo never"),
    ]);
    assert.deepEqual(statusesOf(run), ["FAILURE", "CANCELLED", "QUEUED"]);
    const message = 'build step 0 "host" failed: step exited with non-zero status: 7';
    const detail = `Build step failure: ${message}`;
    assert.deepEqual(run.outcome.failure, { type: "USER_BUILD_STEP", message, detail });
    assert.equal(run.outcome.steps[0]!.exitCode, 7);
    assert.ok(run.log.includes('Finished Step #0 - "bad"'));
  });

  test("says what is wrong with a command, a user or an image that is not there", async () => {
    const messageOf = async (step: Parameters<typeof runSteps>[1][number]) =>
      (await runSteps(bench, [step])).outcome.failure!.message;
    assert.match(
      await messageOf({ entrypoint: "no-such-program" }),
      /starting step container failed: .*no-such-program/,
    );
    assert.match(
      await messageOf({ name: "localhost:1/none" }),
      /^build step 0 "localhost:1\/none" failed: error pulling image "localhost:1\/none": /,
    );
    const allowed = await runSteps(bench, [{ entrypoint: "no-such-program", allowFailure: true }]);
    assert.equal(allowed.outcome.status, "SUCCESS");
    assert.match(allowed.log.join("\n"), /^0: ERROR: starting step container failed: /m);
    const run = await runSteps(bench, [shell("true")], { images: ["us-docker.pkg.dev/p/r/i", "x.io/i"] });
    assert.equal(run.outcome.failure!.type, "PUSH_IMAGE_NOT_FOUND");
    assert.equal(
      run.outcome.failure!.message,
      'failed to find one or more images after execution of build steps: ["us-docker.pkg.dev/p/r/i" "x.io/i"]',
    );
  });

  test("ends a step, or the build, when its time is over, and a cancelled build at once", async () => {
    const step = await runSteps(bench, [shell("echo started; sleep 1000", { timeoutSeconds: 0.5 })]);
    assert.deepEqual([step.outcome.status, ...statusesOf(step)], ["FAILURE", "TIMEOUT"]);
    assert.equal(step.outcome.failure!.message, 'build step 0 "host" failed: context deadline exceeded');
    const build = await runSteps(bench, [shell("sleep 1000")], { timeoutSeconds: 0.5 });
    assert.deepEqual([build.outcome.status, ...statusesOf(build)], ["TIMEOUT", "TIMEOUT"]);
    assert.equal(build.outcome.failure!.message, "context deadline exceeded");
    const stop = new AbortController();
    const log = {
      line: (text: string) => text === "now" && stop.abort(new Error("cancelled")),
      isFull: false,
      behind: undefined,
    };
    await assert.rejects(
      runSteps(bench, [shell("echo now; sleep 1000")], { signal: stop.signal, log }),
      /^Error: cancelled$/,
    );
  });

  test("steps that write, fork or allocate without end fail alone, and the next build is unaffected", async () => {
    const disk = { diskBytes: 48 * MIB };
    for (const place of ["/workspace/big", "/big", "$HOME/big"]) {
      const { outcome } = await runSteps(
        bench,
        [shell(`dd if=/dev/zero of=${place} bs=1M count=2000; sleep 1000`)],
        disk,
      );
      assert.equal(outcome.status, "FAILURE");
      assert.match(outcome.failure!.message, /^no space left on device: the build uses more than 48 MiB$/);
    }
    const fork = shell("bomb() { bomb & bomb; }; bomb", { timeoutSeconds: 5 });
    const bombed = await runSteps(bench, [fork], { machine: { cpus: 1, memoryBytes: 48 * MIB } });
    assert.equal(bombed.outcome.status, "FAILURE", bombed.log.join("\n"));
    const full = await runSteps(bench, [shell("exec tail /dev/zero")], { machine: { cpus: 1, memoryBytes: 48 * MIB } });
    assert.match(
      full.outcome.failure!.message,
      /step exited with non-zero status: 137 \(the step exceeded the memory of its machine type\)$/,
    );
    assert.equal((await runSteps(bench, [shell("true")])).outcome.status, "SUCCESS");
  });

  test("a step changes nothing but its own layer and what it shares, even when it deletes everything", async () => {
    const run = await runSteps(bench, [
      shell("echo changed >/etc/passwd; rm -rf /workspace/* /workspace /builder/home 2>/dev/null || true", {}),
      shell("head -c 4 /etc/passwd; echo; ls -A /workspace; touch /workspace/again"),
      shell("ln -s /etc/hostname link; mkfifo $BUILDER_OUTPUT/output", { dir: "deep" }),
      shell("pwd", { dir: "deep/link/../x" }),
    ]);
    assert.equal(run.outcome.status, "SUCCESS", run.log.join("\n"));
    assert.ok(run.log.includes("1: root"));
    assert.ok(run.log.includes("3: /workspace/deep/x"));
    assert.equal(run.outcome.steps[2]!.output.length, 0);
    assert.ok(!existsSync(join(run.workspace, "source.txt")));
    assert.ok(existsSync(join(run.workspace, "again")));
  });

  test("a log that is behind holds the step back, and a full one gets no more", async () => {
    let lines = 0;
    let behind: Promise<void> | undefined;
    let longest = 0;
    const log = {
      line() {
        lines++;
        longest = Math.max(longest, ++pending);
        behind ??= new Promise<void>((resolve) => setImmediate(resolve)).then(() => {
          pending = 0;
          behind = undefined;
        });
      },
      get behind() {
        return pending > 1000 ? behind : undefined;
      },
      get isFull() {
        return lines > 200_000;
      },
    };
    let pending = 0;
    const { outcome } = await runSteps(bench, [shell("yes | head -c 1073741824")], { log });
    assert.equal(outcome.status, "SUCCESS");
    assert.ok(lines < 300_000, `${lines} lines`);
    assert.ok(longest < 100_000, `${longest} lines were pending`);
  });
});
