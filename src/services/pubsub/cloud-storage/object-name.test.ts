import assert from "node:assert/strict";
import { test } from "node:test";
import { create } from "@bufbuild/protobuf";
import { CloudStorageConfigSchema } from "../../../gen/google/pubsub/v1/pubsub_pb.js";
import { datetimeFormatProblem, objectName } from "./object-name.ts";

const NOW_MS = Date.UTC(2023, 8, 25, 4, 10, 0);

/** The examples of Pub/Sub, "Create a Cloud Storage subscription". */
test("files are named as Google's examples", () => {
  const name = (filenameDatetimeFormat: string) => {
    const fields = { filenamePrefix: "prod_", filenameSuffix: "_archive", filenameDatetimeFormat };
    return objectName(create(CloudStorageConfigSchema, fields), NOW_MS, "uNiQuE");
  };
  assert.equal(name(""), "prod_2023-09-25T04:10:00+00:00_uNiQuE_archive");
  assert.equal(name("YYYY-MM-DD/hh_mm_ssZ"), "prod_2023-09-25/04_10_00Z_uNiQuE_archive");
  assert.equal(name("YYYY-MM-DDThh_mm_ss-"), "prod_2023-09-25T04_10_00-uNiQuE_archive");
  assert.equal(name("YYMMDDhhmmss"), "prod_230925041000_uNiQuE_archive");
  assert.equal(objectName(create(CloudStorageConfigSchema), NOW_MS, "u"), "2023-09-25T04:10:00+00:00_u");
});

test("a format of times has every part once", () => {
  const formats = ["", "YYYY-MM-DDThh:mm:ss+00:00", "YY/MM/DD/hh/mm/ss", "ss:mm:hh_DD-MM-YYYYZ"];
  for (const format of formats) assert.equal(datetimeFormatProblem(format), undefined, format);
  const others = [
    "YY-YYYY-MM-DDThh:mm:ss",
    "YYYY-MM-DD",
    "YYYY-MMM-DDThh:mm:ss",
    "YYYY-MM-DD hh:mm:ss",
    "YYYYMMDDhhmmssZ+00:00",
    "YYYYMMDDhhmmssx",
  ];
  for (const format of others) assert.notEqual(datetimeFormatProblem(format), undefined, format);
});
