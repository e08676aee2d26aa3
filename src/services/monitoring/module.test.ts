import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { createManualClock } from "../../platform/manual-clock.ts";
import { type BootedApi, bootApi } from "../../../tests/support/boot-api.ts";
import { monitoring } from "./module.ts";

const TYPE = "custom.googleapis.com/orders";
const START_MS = Date.parse("2026-11-21T10:00:00Z");

type Json = Record<string, unknown>;

describe("monitoring", () => {
  const clock = createManualClock(START_MS);
  let api: BootedApi;
  before(async () => {
    api = await bootApi((deps) => [monitoring(deps)], { clock });
  });
  after(() => api[Symbol.asyncDispose]());

  const at = (minutes: number) => new Date(START_MS + minutes * 60_000).toISOString();

  /** Writes a point that covers the minute before. */
  async function write(minutes: number, shop: string, count: number) {
    clock.advance(Math.max(0, START_MS + minutes * 60_000 - clock.nowMs()));
    const point = { interval: { startTime: at(minutes - 1), endTime: at(minutes) }, value: { int64Value: count } };
    const series = {
      metric: { type: TYPE, labels: { shop } },
      resource: { type: "global" },
      metricKind: "DELTA",
      points: [point],
    };
    return api.json("POST", "/monitoring/v3/projects/demo/timeSeries", { timeSeries: [series] });
  }

  async function list(filter: string, more: Readonly<Record<string, string>> = {}) {
    const interval = { "interval.startTime": at(0), "interval.endTime": at(10) };
    const query = new URLSearchParams({ filter, ...interval, ...more });
    return api.json("GET", `/monitoring/v3/projects/demo/timeSeries?${query.toString()}`);
  }

  const seriesIn = ({ body }: { body: Json }) => (body["timeSeries"] ?? []) as { metric: Json; points: Point[] }[];
  const valuesIn = (answer: { body: Json }) =>
    seriesIn(answer).map(({ metric, points }) => [
      (metric["labels"] as Json | undefined)?.["shop"],
      points.map(({ value }) => Object.values(value)[0]),
    ]);
  const BY_MINUTE = { "aggregation.alignmentPeriod": "60s", "aggregation.perSeriesAligner": "ALIGN_DELTA" };

  test("what users write is read back, newest point first", async () => {
    for (const minutes of [1, 2, 3]) {
      assert.equal((await write(minutes, "north", minutes)).status, 200);
      assert.equal((await write(minutes, "south", minutes * 10)).status, 200);
    }
    const answer = await list(`metric.type = "${TYPE}"`);
    assert.deepEqual(valuesIn(answer), [
      ["north", ["3", "2", "1"]],
      ["south", ["30", "20", "10"]],
    ]);
    const [first] = seriesIn(answer)[0]!.points;
    assert.deepEqual(first!.interval, { startTime: at(2).replace(".000", ""), endTime: at(3).replace(".000", "") });
  });

  test("filters know labels, negation, and functions", async () => {
    const shops = async (more: string) =>
      valuesIn(await list(`metric.type = "${TYPE}" AND ${more}`)).map(([shop]) => shop);
    assert.deepEqual(await shops('metric.labels.shop = "south"'), ["south"]);
    assert.deepEqual(await shops('metric.label.shop = starts_with("no")'), ["north"]);
    assert.deepEqual(await shops('metric.labels.shop != one_of("north", "west")'), ["south"]);
    assert.deepEqual(await shops('NOT metric.labels.shop = monitoring.regex.full_match("n.*h")'), ["south"]);
    assert.deepEqual(await shops('(metric.labels.shop = "south" OR metric.labels.shop = "north")'), ["north", "south"]);
    assert.deepEqual(await shops('resource.type = "cloud_run_revision"'), []);
  });

  test("points are aligned, and series are reduced", async () => {
    const filter = `metric.type = "${TYPE}"`;
    const rate = {
      ...BY_MINUTE,
      "aggregation.perSeriesAligner": "ALIGN_RATE",
      "aggregation.crossSeriesReducer": "REDUCE_SUM",
    };
    assert.deepEqual(valuesIn(await list(filter, rate)), [[undefined, [0.55, 22 / 60, 11 / 60]]]);
    const long = { ...BY_MINUTE, "aggregation.alignmentPeriod": "600s" };
    assert.deepEqual(valuesIn(await list(filter, long)), [
      ["north", ["6"]],
      ["south", ["60"]],
    ]);
    const grouped = {
      ...long,
      "aggregation.crossSeriesReducer": "REDUCE_MAX",
      "aggregation.groupByFields": "metric.labels.shop",
    };
    assert.deepEqual(valuesIn(await list(filter, grouped)), valuesIn(await list(filter, long)));
  });

  test("pages hold whole series; headers come without points", async () => {
    const first = await list(`metric.type = "${TYPE}"`, { pageSize: "1", view: "HEADERS" });
    assert.deepEqual(
      seriesIn(first).map(({ metric, points }) => [(metric["labels"] as Json)["shop"], points]),
      [["north", undefined]],
    );
    const second = await list(`metric.type = "${TYPE}"`, {
      pageSize: "1",
      pageToken: String(first.body["nextPageToken"]),
    });
    assert.deepEqual(
      valuesIn(second).map(([shop]) => shop),
      ["south"],
    );
    assert.ok(!second.body["nextPageToken"]);
  });

  const BAD_QUERIES: readonly (readonly [string, string, Readonly<Record<string, string>>, RegExp])[] = [
    ["no metric type", 'resource.type = "global"', {}, /must specify a single metric type/],
    ["an unknown field", `metric.type = "${TYPE}" AND nothing = "1"`, {}, /"nothing" is not supported/],
    ["half a filter", "metric.type =", {}, /ends too early/],
    [
      "a period too short",
      `metric.type = "${TYPE}"`,
      { ...BY_MINUTE, "aggregation.alignmentPeriod": "1s" },
      /between 60 seconds/,
    ],
    [
      "an aligner that does not suit",
      `metric.type = "${TYPE}"`,
      { ...BY_MINUTE, "aggregation.perSeriesAligner": "ALIGN_PERCENTILE_99" },
      /ALIGN_PERCENTILE_99 does not suit/,
    ],
    [
      "a reducer without an aligner",
      `metric.type = "${TYPE}"`,
      { "aggregation.crossSeriesReducer": "REDUCE_SUM" },
      /needs a per_series_aligner/,
    ],
  ];
  for (const [what, filter, more, message] of BAD_QUERIES)
    test(`${what} is refused`, async () => {
      const { status, body } = await list(filter, more);
      assert.equal(status, 400);
      assert.match((body["error"] as { message: string }).message, message);
    });

  test("bad points are refused, with what is wrong, and leave nothing", async () => {
    const messageOf = ({ body }: { body: Json }) => (body["error"] as { message: string }).message;
    assert.match(messageOf(await write(3, "north", 9)), /out of order, or with the end time of an earlier one/);
    const google = {
      metric: { type: "run.googleapis.com/request_count" },
      points: [{ interval: { endTime: at(3) }, value: { int64Value: 1 } }],
    };
    const refused = await api.json("POST", "/monitoring/v3/projects/demo/timeSeries", { timeSeries: [google] });
    assert.match(messageOf(refused), /cannot be written by users/);
    assert.deepEqual(valuesIn(await list('metric.type = "run.googleapis.com/request_count"')), []);
  });

  test("descriptors: Google's, and those that the first point made", async () => {
    const own = await api.json("GET", `/monitoring/v3/projects/demo/metricDescriptors/${TYPE}`);
    assert.deepEqual([own.body["metricKind"], own.body["valueType"]], ["DELTA", "INT64"]);
    const filter = encodeURIComponent('metric.type = starts_with("run.googleapis.com/request")');
    const { body } = await api.json("GET", `/monitoring/v3/projects/demo/metricDescriptors?filter=${filter}`);
    const types = (body["metricDescriptors"] as { type: string }[]).map(({ type }) => type);
    assert.deepEqual(types, ["run.googleapis.com/request_count", "run.googleapis.com/request_latencies"]);
    assert.equal((await api.json("DELETE", `/monitoring/v3/projects/demo/metricDescriptors/${TYPE}`)).status, 200);
    assert.deepEqual(valuesIn(await list(`metric.type = "${TYPE}"`)), []);
    assert.equal((await api.json("GET", `/monitoring/v3/projects/demo/metricDescriptors/${TYPE}`)).status, 404);
  });

  test("monitored resources", async () => {
    const { body } = await api.json(
      "GET",
      "/monitoring/v3/projects/demo/monitoredResourceDescriptors/cloud_run_revision",
    );
    assert.deepEqual((body["labels"] as { key: string }[]).map(({ key }) => key).sort(), [
      "configuration_name",
      "location",
      "project_id",
      "revision_name",
      "service_name",
    ]);
  });
});

interface Point {
  readonly interval: Json;
  readonly value: Json;
}
