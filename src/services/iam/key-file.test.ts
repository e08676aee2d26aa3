import assert from "node:assert/strict";
import { test } from "node:test";
import { tokenUriFor } from "./key-file.ts";

test("token_uri is Google's for those who come by Google's hosts, and local for those who come by an override", () => {
  assert.equal(tokenUriFor("https://iam.googleapis.com"), "https://oauth2.googleapis.com/token");
  assert.equal(tokenUriFor("http://iam.googleapis.com"), "https://oauth2.googleapis.com/token");
  assert.equal(tokenUriFor("http://127.0.0.1:8484"), "http://127.0.0.1:8484/token");
  assert.equal(tokenUriFor("https://localhost:8484"), "http://localhost:8484/token");
  assert.equal(tokenUriFor("http://iam.localhost:8484"), "http://oauth2.localhost:8484/token");
  assert.equal(tokenUriFor("https://homerun.example.com"), "https://homerun.example.com/token");
});
