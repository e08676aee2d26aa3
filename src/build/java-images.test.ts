import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import type { BuildpackBuildRequest } from "./build.ts";
import { type BuilderBench, createBuilderBench } from "./testing/builder-bench.ts";

const EXAMPLE = join(import.meta.dirname, "..", "..", "examples", "hello-java");
const SOURCES = "src/main/java/functions";
/** Answers with its own jar, so that the test has a prebuilt one. */
const HELLO = `package functions;
import com.google.cloud.functions.*;
import java.nio.file.*;
import java.util.Base64;
public class Hello implements HttpFunction {
  public void service(HttpRequest request, HttpResponse response) throws Exception {
    byte[] jar = Files.readAllBytes(Path.of("target/hello-java-1.0.0.jar"));
    response.getWriter().write(Base64.getEncoder().encodeToString(jar));
  }
  public static class Event implements CloudEventsFunction {
    public void accept(io.cloudevents.CloudEvent event) throws Exception {
      if (!event.getType().equals("expected")) throw new Exception("got " + event.getType());
    }
  }
}
`;
const JAVA: Partial<BuildpackBuildRequest> = { runImage: "java21" };

let bench: BuilderBench;
let source: string;
let first: Built;
before(async () => {
  bench = await createBuilderBench("composed");
  source = bench.source({}, EXAMPLE);
  first = await built(source, { target: "functions.Hello" });
});
after(() => bench[Symbol.asyncDispose]());

interface Built {
  readonly digest: string;
  readonly log: readonly string[];
}

interface Run {
  readonly target: string;
  readonly env?: Readonly<Record<string, string>>;
}

function build(source: string, { target, env }: Run) {
  const standard = {
    GOOGLE_RUNTIME: "java21",
    GOOGLE_FUNCTION_TARGET: target,
    X_GOOGLE_TARGET_PLATFORM: "gcf",
    X_GOOGLE_SKIP_RUNTIME_LAUNCH: "true",
  };
  return bench.build(source, { ...JAVA, env: { ...standard, ...env } });
}

async function built(source: string, run: Run): Promise<Built> {
  const { outcome, log } = await build(source, run);
  assert.equal(outcome.status, "SUCCESS", log.join("\n"));
  return { digest: outcome.status === "SUCCESS" ? outcome.images[0]!.digest : "", log };
}

async function failed(source: string, run: Run): Promise<string> {
  const { outcome, log } = await build(source, run);
  assert.ok(outcome.status === "FAILURE", log.join("\n"));
  return outcome.detail;
}

test("the framework serves what Maven builds, from an archive of classes", async () => {
  const { digest } = first;
  assert.equal(await bench.call(digest), "Hello World!");
  const { config } = await bench.config(digest);
  const label = config?.Labels?.["google.functions-framework-version"] ?? "";
  assert.deepEqual(JSON.parse(label), { runtime: "java", version: "1.4.1", injected: true });
  // A JVM that must share would not start with an archive of another Java or another jar.
  assert.equal(await bench.call(digest, { env: { JAVA_TOOL_OPTIONS: "-Xshare:on" } }), "Hello World!");
});

test("the same source gives the same digest, a change of code adds one layer, and jars need no build tool", async () => {
  const again = await built(source, { target: "functions.Hello" });
  assert.equal(again.digest, first.digest);
  assert.ok(again.log.includes('***** CACHE HIT: "dependencies"'));
  assert.ok(again.log.includes("Reusing layer 'google.java.functions-framework:functions-framework'"));

  writeFileSync(join(source, SOURCES, "Hello.java"), HELLO);
  const changed = await built(source, { target: "functions.Hello" });
  const [before, now] = [await bench.config(first.digest), await bench.config(changed.digest)];
  const added = now.rootfs.diff_ids.filter((layer) => !before.rootfs.diff_ids.includes(layer));
  assert.equal(added.length, 1);

  const folder = bench.source({});
  const jar = Buffer.from(await bench.call(changed.digest), "base64");
  writeFileSync(join(folder, "function.jar"), jar);
  const env = { GOOGLE_FUNCTION_SIGNATURE_TYPE: "cloudevent", USE_JAVA_FF_2: "true" };
  const prebuilt = await built(folder, { target: "functions.Hello.Event", env });
  const headers = { "ce-id": "1", "ce-type": "expected", "ce-source": "s", "ce-specversion": "1.0" };
  const event = { method: "POST", body: "{}", headers: { ...headers, "content-type": "application/json" } };
  assert.equal(await bench.call(prebuilt.digest, event), "");

  assert.match(
    await failed(folder, { target: "functions.Missing" }),
    /build succeeded but did not produce the class "functions\.Missing" specified as the function target: Error: class not found: functions\.Missing/,
  );
  writeFileSync(join(folder, "other.jar"), jar);
  assert.match(
    await failed(folder, { target: "functions.Hello" }),
    /function has no pom\.xml and more than one jar file: function\.jar, other\.jar/,
  );
});

test("what the user can repair fails with the build tool's words or Google's", async () => {
  const broken = bench.source({ [`${SOURCES}/Broken.java`]: "package functions; class Broken { int i = ; }" }, EXAMPLE);
  assert.match(await failed(broken, { target: "functions.Hello" }), /\[ERROR\].*illegal start of expression/);
  const empty = bench.source({ "random.txt": "" });
  assert.match(
    await failed(empty, { target: "functions.Hello" }),
    /function has neither pom\.xml nor already-built jar file; directory has these entries: random\.txt/,
  );
  const gradle = bench.source({ "build.gradle": "plugins { id 'java' }" });
  assert.match(await failed(gradle, { target: "functions.Hello" }), /add the Gradle Wrapper to the project/);
  const env = { GOOGLE_RUNTIME_VERSION: "11" };
  assert.match(await failed(empty, { target: "functions.Hello", env }), /invalid Java version specified: .* not 11/);
});
