import assert from "node:assert/strict";
import { mkdtempDisposableSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { parseFileHeader, readPackageHeader } from "./package-header.ts";

test("the package clause and all forms of import are read, and what follows is not looked at", () => {
  const source = `// Copyright
/* package comment */ package hello // trailing
import "fmt"; import ( "net/http"
  _ "embed"; . \`strings\` /* x */
  ce "example.com/sdk/v2" // why
)
import functions "example.com/functions"
func init() { import "not this" }`;
  const imports = ["fmt", "net/http", "embed", "strings", "example.com/sdk/v2", "example.com/functions"];
  assert.deepEqual(parseFileHeader(source), { packageName: "hello", imports });
  assert.deepEqual(parseFileHeader("\uFEFFpackage größe\n"), { packageName: "größe", imports: [] });
});

for (const [source, message] of [
  ["", "1:1: expected 'package', found 'EOF'"],
  ["// only this\n", "2:1: expected 'package', found 'EOF'"],
  ["func main() {}", "1:1: expected 'package', found func"],
  ["package 7", "1:9: expected 'IDENT', found 7"],
  ['package a\nimport (\n"fmt"', "3:6: expected import path, found 'EOF'"],
] as const) {
  test(`${JSON.stringify(source)} is refused: ${message}`, () => {
    assert.throws(() => parseFileHeader(source), { message });
  });
}

test("a folder holds one package, and tests of another count as well", () => {
  using temp = mkdtempDisposableSync(join(tmpdir(), "package-"));
  const write = (name: string, text: string): void => writeFileSync(join(temp.path, name), text);
  assert.throws(() => readPackageHeader(temp.path), { message: `unable to find Go package in ${temp.path}` });
  write("a.go", 'package hello\nimport "fmt"\n');
  write("b.go", 'package hello\nimport "os"\n');
  write("c.txt", "package other\n");
  assert.deepEqual(readPackageHeader(temp.path), { name: "hello", imports: new Set(["fmt", "os"]) });
  write("b_test.go", "package hello_test\n");
  assert.throws(() => readPackageHeader(temp.path), {
    message: "multiple packages in user code directory: hello != hello_test",
  });
  write("b_test.go", "package");
  assert.throws(() => readPackageHeader(temp.path), {
    message: `failed to parse source in ${temp.path}: b_test.go:1:8: expected 'IDENT', found 'EOF'`,
  });
});
