import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { commandLine } from "./command-line.ts";

test("a command that is shown can be typed into a shell", () => {
  const words = ["env", "--data-dir", "/tmp/it's my $HOME; folder"];
  const shown = commandLine(...words).replace(/^.*?(?=env)/, "printf '%s\\n' ");
  assert.equal(execFileSync("sh", ["-c", shown], { encoding: "utf8" }), `${words.join("\n")}\n`);
  assert.match(commandLine("up", "--detach"), /^(homerun|npm run -s homerun --) up --detach$/);
});
