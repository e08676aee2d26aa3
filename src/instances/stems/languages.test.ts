import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { mkdtempDisposable } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { stemLanguages } from "./languages.ts";

const [nodejs, python] = ["nodejs", "python"].map((id) => stemLanguages.find((language) => language.id === id)!);
const MAIN = "/layers/npm/node_modules/@google-cloud/functions-framework/build/src/main.js";
const USER_BASE = "/layers/google.python.pip/pip";
const ENTRY_POINT = `#!/usr/bin/python3
import sys
from functions_framework._cli import _cli
if __name__ == '__main__':
    sys.exit(_cli())
`;

test("only the framework's own start commands are known", async () => {
  await using layer = await mkdtempDisposable(join(tmpdir(), "layer-"));
  mkdirSync(join(layer.path, USER_BASE, "bin"), { recursive: true });
  writeFileSync(join(layer.path, USER_BASE, "bin", "functions-framework"), ENTRY_POINT);
  assert.equal(nodejs!.mainOf(["node", MAIN], []), MAIN);
  assert.equal(nodejs!.mainOf(["node", MAIN, "--target=other"], []), undefined);
  assert.equal(nodejs!.mainOf(["node", "/workspace/server.js"], []), undefined);
  assert.equal(python!.mainOf(["functions-framework"], [layer.path]), `${USER_BASE}/bin/functions-framework`);
  assert.equal(python!.mainOf(["functions-framework", "--debug"], [layer.path]), undefined);
  assert.equal(python!.mainOf(["functions-framework"], []), undefined);
  assert.equal(python!.mainOf(["gunicorn", "main:app"], [layer.path]), undefined);
});

test("what the main file loads is read from it, and nothing is guessed", () => {
  assert.deepEqual(nodejs!.preloadOf('const server_1 = require("./server");\n'), ["./server"]);
  assert.deepEqual(python!.preloadOf(ENTRY_POINT), ["functions_framework._cli"]);
  assert.equal(python!.headOf(ENTRY_POINT), "#!/usr/bin/python3\n");
  assert.deepEqual(python!.preloadOf("#!/usr/bin/python3\nfrom other import main\nmain()\n"), []);
});

test("variables that change how a runtime starts are not allowed", () => {
  const ordinary = { PATH: "/usr/bin", OWN: "1" };
  assert.ok(nodejs!.allows({ ...ordinary, NODE_OPTIONS: "--max-old-space-size=200" }));
  for (const [name, value] of [
    ["NODE_OPTIONS", "--require=/workspace/hook.js"],
    ["NODE_V8_COVERAGE", "/tmp"],
    ["LD_PRELOAD", "/workspace/hook.so"],
  ] as const) {
    assert.ok(!nodejs!.allows({ ...ordinary, [name]: value }), name);
  }
  const launched = { ...ordinary, PYTHONUNBUFFERED: "TRUE", PYTHONUSERBASE: USER_BASE };
  assert.ok(python!.allows({ ...launched, LD_LIBRARY_PATH: `${USER_BASE}/lib` }));
  for (const [name, value] of [
    ["PYTHONPATH", "/workspace"],
    ["PYTHONSTARTUP", "/workspace/start.py"],
    ["PYTHONWARNINGS", "error"],
    ["PYTHONDEVMODE", "1"],
    ["LD_LIBRARY_PATH", "/workspace/lib"],
    ["LD_PRELOAD", "/workspace/hook.so"],
    ["GLIBC_TUNABLES", "glibc.malloc.check=3"],
  ] as const) {
    assert.ok(!python!.allows({ ...launched, [name]: value }), name);
  }
});

test("files that Python runs whenever it starts may be setuptools', but no package's own", () => {
  const nameSpace = "import sys, types, os;has_mfs = sys.version_info > (3, 5);p = os.path.join(*('google',))";
  assert.ok(python!.allowsStartFile(`${nameSpace}\n`));
  assert.ok(python!.allowsStartFile("import os; var = 'SETUPTOOLS_USE_DISTUTILS'; enabled = True\n"));
  assert.ok(!python!.allowsStartFile("import coverage; coverage.process_startup()\n"));
  assert.ok(!python!.allowsStartFile("/workspace/packages\n"));
});
