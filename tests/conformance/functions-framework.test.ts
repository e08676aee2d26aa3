import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { promisify } from "node:util";
import { type BuilderBench, createBuilderBench } from "../../src/build/testing/builder-bench.ts";
import { until } from "../support/until.ts";

/** The client of GoogleCloudPlatform/functions-framework-conformance, which calls functions and reads what they wrote. */
const CLIENT = process.env["FUNCTIONS_FRAMEWORK_CONFORMANCE_CLIENT"];
const OUTPUT = "function_output.json";

interface Language {
  /** Folder of the functions. */
  readonly name: string;
  readonly runtime: string;
  /** The folder that functions write to. */
  readonly workingDir: string;
}

const LANGUAGES: readonly Language[] = [{ name: "nodejs", runtime: "nodejs22", workingDir: "/workspace" }];

/** What each function is called with: the variables of its container, and what tells the client. */
const CASES: readonly { target: string; signature: string; args: readonly string[] }[] = [
  { target: "writeHttp", signature: "http", args: ["-type=http"] },
  { target: "writeCloudEvent", signature: "cloudevent", args: ["-type=cloudevent"] },
  { target: "writeEvent", signature: "event", args: ["-type=legacyevent"] },
  { target: "echo", signature: "http", args: ["-type=http", "-declarative-type=typed"] },
  { target: "waitASecond", signature: "http", args: ["-type=http", "-validate-concurrency"] },
];

if (CLIENT === undefined) {
  console.warn("NOT RUN: functions-framework-conformance; FUNCTIONS_FRAMEWORK_CONFORMANCE_CLIENT names no client");
} else {
  describe("functions of built images fulfil the contract of the Functions Framework", () => conformance(CLIENT));
}

function conformance(client: string): void {
  let bench: BuilderBench;
  before(async () => {
    bench = await createBuilderBench("composed");
  });
  after(() => bench[Symbol.asyncDispose]());

  for (const language of LANGUAGES) {
    test(language.name, async (t) => {
      const digest = await build(bench, language);
      for (const { target, signature, args } of CASES) {
        await t.test(target, async () => {
          const folder = join(bench.folder, `${language.name}-${target}`);
          mkdirSync(folder);
          const file = join(folder, OUTPUT);
          writeFileSync(file, "");
          chmodSync(file, 0o666);
          await using served = await bench.serve(digest, {
            env: { FUNCTION_TARGET: target, FUNCTION_SIGNATURE_TYPE: signature },
            mounts: [{ source: file, destination: join(language.workingDir, OUTPUT), readOnly: false }],
          });
          assert.match(
            await run(client, args, served.namespacePath, folder),
            /All validation passed!/,
            served.output(),
          );
        });
      }
    });
  }
}

async function build(bench: BuilderBench, { name, runtime }: Language): Promise<string> {
  const env = { GOOGLE_RUNTIME: runtime, GOOGLE_FUNCTION_TARGET: CASES[0]!.target, X_GOOGLE_TARGET_PLATFORM: "gcf" };
  const source = join(import.meta.dirname, "functions-framework", name);
  const { outcome, log } = await bench.build(source, { env, runImage: runtime, cacheKey: name });
  assert.equal(outcome.status, "SUCCESS", log.join("\n"));
  return outcome.status === "SUCCESS" ? outcome.images[0]!.digest : "";
}

/** Runs the client in a network namespace, where the function is localhost:8080, and resolves with its log. */
async function run(client: string, args: readonly string[], namespace: string, folder: string): Promise<string> {
  const enter = promisify(execFile);
  const inside = (program: string, ...rest: string[]) =>
    enter("nsenter", [`--net=${namespace}`, program, ...rest], {
      cwd: folder,
      env: { ...process.env, TMPDIR: folder },
    });
  await until(() =>
    inside("bash", "-c", "exec 3<>/dev/tcp/localhost/8080").then(
      () => true,
      () => false,
    ),
  );
  // The command that the client would start is already running.
  const { stderr } = await inside(client, "-buildpacks=false", "-cmd=sleep 600", "-start-delay=0", ...args);
  return stderr;
}
