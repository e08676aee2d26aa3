import assert from "node:assert/strict";
import { mkdirSync, mkdtempDisposableSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { mayUseSystemPackages } from "./uses-system-packages.ts";

async function ask(files: Readonly<Record<string, string>>, link?: string): Promise<boolean> {
  using temp = mkdtempDisposableSync(join(tmpdir(), "source-"));
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(temp.path, name)), { recursive: true });
    writeFileSync(join(temp.path, name), content);
  }
  if (link !== undefined) symlinkSync(link, join(temp.path, "link"));
  return await mayUseSystemPackages(temp.path);
}

const INDEX = "exports.hello = (req, res) => res.send(`Hello ${req.query.name}`);";
const manifest = (...names: string[]) =>
  JSON.stringify({ dependencies: Object.fromEntries(names.map((name) => [name, "^1"])), scripts: { test: "exec x" } });
const GO_MOD =
  "module f\nrequire github.com/GoogleCloudPlatform/functions-framework-go v1.9.2\nrequire x.org/y v1.0.0 // indirect\n";
const POM = "<project><dependency><groupId>com.google.cloud.functions</groupId></dependency></project>";

test("what only computes and speaks to APIs needs nothing of the system", async () => {
  assert.equal(await ask({ "index.js": INDEX, "package.json": manifest("@google-cloud/functions-framework") }), false);
  assert.equal(await ask({ "index.js": INDEX, "package-lock.json": '{"execa":1}', "README.md": "/usr/bin" }), false);
  assert.equal(
    await ask({ "main.py": "def hello(r): return 'x'", "requirements.txt": "Functions_Framework==3.*\n" }),
    false,
  );
  assert.equal(await ask({ "hello.go": "package hello", "go.mod": GO_MOD }), false);
  assert.equal(await ask({ "src/Hello.java": "class Hello {}", "pom.xml": POM }), false);
});

test("everything else may call the system's programs", async () => {
  assert.equal(await ask({ "index.js": 'require("node:child_process")' }), true);
  assert.equal(await ask({ "main.py": "import os\nos.popen('convert')" }), true);
  assert.equal(await ask({ "index.js": 'fs.readFile("/usr/share/fonts/x.ttf")' }), true);
  assert.equal(await ask({ "index.js": INDEX, "package.json": manifest("sharp") }), true);
  assert.equal(await ask({ "index.js": INDEX, "package.json": "{" }), true);
  assert.equal(await ask({ "main.py": "", "requirements.txt": "git+https://example.com/x" }), true);
  assert.equal(await ask({ "hello.go": "package hello", "go.mod": `${GO_MOD}replace a => ./b\n` }), true);
  assert.equal(await ask({ "hello.go": "package hello", "go.mod": `${GO_MOD}require x.org/z v1.0.0\n` }), true);
  assert.equal(await ask({ "pom.xml": POM.replace("com.google.cloud.functions", "net.java.dev.jna") }), true);
  assert.equal(await ask({ "index.js": INDEX, "node_modules/x/index.js": "" }), true);
  assert.equal(await ask({ "index.js": INDEX, "native.node": "" }), true);
  assert.equal(await ask({ "pyproject.toml": "" }), true);
  assert.equal(await ask({ "index.js": INDEX }, "/somewhere"), true);
});
