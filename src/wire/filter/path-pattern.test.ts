import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { matchesPathPattern, readPathPattern } from "./path-pattern.ts";

/** Google: cloud.google.com/eventarc/docs/path-patterns, "Pattern matching", read 2026-11. */
const MATCHES: readonly (readonly [pattern: string, matching: readonly string[], others: readonly string[]])[] = [
  [
    "/buckets/bucket-1/objects/file1.txt",
    ["/buckets/bucket-1/objects/file1.txt"],
    ["/buckets/bucket-1/objects/file2.txt"],
  ],
  [
    "/buckets/bucket-1/objects/*",
    ["/buckets/bucket-1/objects/file3.txt", "/buckets/bucket-1/objects/file4.jpg"],
    ["/buckets/bucket-1/objects/files/file4.jpg", "/buckets/bucket-1/objects"],
  ],
  ["/buckets/bucket-1/objects/*.txt", ["/buckets/bucket-1/objects/file5.txt"], ["/buckets/bucket-1/objects/file6.jpg"]],
  [
    "/buckets/bucket-1/objects/file-*.txt",
    ["/buckets/bucket-1/objects/file-777.txt", "/buckets/bucket-1/objects/file-.txt"],
    ["/buckets/bucket-1/objects/file.txt"],
  ],
  [
    "/projects/_/**/{filename=file-*.txt}",
    [
      "/projects/_/objects/object-1/files/file-9.txt",
      "/projects/_/file-10.txt",
      "/projects/_/files-1/file-1.txt/files-2/file-2.txt",
      "projects/_/buckets/b/objects/file-1.txt",
    ],
    ["/projects/_/files/file-5.txt/file.txt"],
  ],
  ["{collection=[clients,users]}/id", ["[clients,users]/id"], ["users/id", "clients/id"]],
  ["{collection=clients,users}/id", ["clients,users/id"], ["users/id", "clients/id"]],
  ["users/{id=.*_ +1@gmail.com}", ["users/.aa_ +1@gmail.com"], ["users/bb_+1@gmail.com"]],
  ["/projects/p/serviceAccounts/a/keys/**", ["/projects/p/serviceAccounts/a/keys/1/2"], ["/projects/p/keys/1"]],
  ["**", ["anything/at/all", ""], []],
  ["**/end", ["end", "a/b/end"], ["a/bend"]],
];

describe("path patterns", () => {
  for (const [pattern, matching, others] of MATCHES)
    test(pattern, () => {
      for (const value of matching) assert.ok(matchesPathPattern(pattern, value), value);
      for (const value of others) assert.ok(!matchesPathPattern(pattern, value), value);
    });

  for (const pattern of [
    "/projects/_/buckets/bucket-1/objects/",
    "/projects//buckets/bucket-1/objects/file1.txt",
    "/projects/_/buckets/bucket**/objects/file1.txt",
    "/projects/_/buckets/bucket-1/objects/file-*.*",
    "/projects/**/buckets/**",
    "/projects/_/buckets/{=*}/objects/file1.txt",
    "/projects/_/buckets/{bucket=}/objects/file1.txt",
    "/projects/_/buckets/{bucket/objects/file1.txt",
    "/projects/ü",
    "",
  ])
    test(`is refused: ${pattern}`, () => assert.ok(readPathPattern(pattern).problem));
});
