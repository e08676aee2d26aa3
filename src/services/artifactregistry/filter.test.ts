import assert from "node:assert/strict";
import { test } from "node:test";
import { parseFilter } from "./filter.ts";
import { pagedList } from "./paged-list.ts";

const TAGS = ["v1", "v2", "latest"].map((name) => ({ name: `tags/${name}`, version: `sha256:${name.length}` }));
const fieldOf = (tag: (typeof TAGS)[number], field: string) => (field === "name" ? tag.name : tag.version);
const filtered = (filter: string) => TAGS.filter(parseFilter(filter, ["name", "version"], fieldOf));

test("filters compare fields, with wildcards and without regard to case", () => {
  assert.equal(filtered("").length, 3);
  assert.deepEqual(
    filtered('version="SHA256:2"').map(({ name }) => name),
    ["tags/v1", "tags/v2"],
  );
  assert.deepEqual(
    filtered('name="tags/v*" AND name="*2"').map(({ name }) => name),
    ["tags/v2"],
  );
  assert.equal(filtered('name="tags/v."').length, 0);
  assert.throws(() => filtered('owner="me"'), /Invalid filter: 'owner="me"'/);
  assert.throws(() => filtered("name>1"), /Invalid filter/);
});

test("lists are ordered as asked and go on where the page before ended", () => {
  const request = { parent: "p", pageSize: 2, pageToken: "", orderBy: "version desc" };
  const keys = { version: ({ version }: (typeof TAGS)[number]) => version };
  const first = pagedList("m", request, TAGS, keys);
  assert.deepEqual(
    first.page.map(({ name }) => name),
    ["tags/latest", "tags/v1"],
  );
  const second = pagedList("m", { ...request, pageToken: first.nextPageToken }, TAGS, keys);
  assert.deepEqual([second.page.map(({ name }) => name), second.nextPageToken], [["tags/v2"], ""]);
  assert.throws(() => pagedList("m", { ...request, orderBy: "owner" }, TAGS, keys), /Invalid order: 'owner'/);
});
