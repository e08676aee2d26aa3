import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";
import { after, before, describe, test } from "node:test";
import { answering, deploy, functionNow, uriOf } from "../support/real-functions.ts";
import type { RealServer } from "../support/real-server.ts";
import { until } from "../support/until.ts";
import { startWarmServer } from "../support/warm-data.ts";

const TRACE = "0af7651916cd43dd8448eb211c80319c";
const CALLER = "b7ad6b7169203331";
const SERIES = "/monitoring/v3/projects/homerun-local/timeSeries";

interface Span {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly attributes: { key: string; value: { stringValue?: string; intValue?: number } }[];
}

describe("metrics and traces of a real function", () => {
  let server: RealServer;
  let uri: string;
  const spans: Span[] = [];
  const collector = createServer((request, response) => {
    void spansOf(request).then((found) => {
      spans.push(...found);
      response.setHeader("content-type", "application/json").end("{}");
    });
  });

  before(async () => {
    collector.listen(0, "127.0.0.1");
    await once(collector, "listening");
    const { port } = collector.address() as AddressInfo;
    server = await startWarmServer(["--otlp-endpoint", `http://127.0.0.1:${port}`]);
    await deploy(server, "hello", { code: answering("hello") });
    uri = uriOf((await functionNow(server, "hello")).body);
    const traceparent = `00-${TRACE}-${CALLER}-01`;
    for (let n = 0; n < 3; n++) assert.equal((await server.call(uri, { headers: { traceparent } })).status, 200);
  });
  after(async () => {
    await server?.[Symbol.asyncDispose]();
    collector.close();
  });

  test("Prometheus sees requests and instances", async () => {
    const scrape = async () => (await fetch(`${server.url}/metrics`)).text();
    const requests = /^run_googleapis_com:request_count\{[^}]*service_name="hello"[^}]*response_code="200"[^}]*\} 3$/m;
    const text = await until(async () => {
      const found = await scrape();
      return requests.test(found) && found;
    });
    assert.match(text, /^run_googleapis_com:container_instance_count\{[^}]*service_name="hello"[^}]*\} 1$/m);
    assert.match(text, /^run_googleapis_com:container_startup_latencies_count\{[^}]*\} 1$/m);
    assert.match(text, /^run_googleapis_com:container_billable_instance_time\{[^}]*\} \d+\.\d+$/m);
    assert.match(text, /^run_googleapis_com:request_latencies_bucket\{[^}]*le="\+Inf"\} 3$/m);
  });

  test("Cloud Monitoring has the same, by Google's names", async () => {
    const now = Date.now();
    const query = new URLSearchParams({
      filter: 'metric.type = "run.googleapis.com/request_count" AND resource.labels.service_name = "hello"',
      "interval.startTime": new Date(now - 600_000).toISOString(),
      "interval.endTime": new Date(now + 1_000).toISOString(),
      "aggregation.alignmentPeriod": "600s",
      "aggregation.perSeriesAligner": "ALIGN_DELTA",
    });
    const { body } = await server.json("GET", `${SERIES}?${query.toString()}`);
    const [series] = body["timeSeries"] as {
      metric: { labels: object };
      resource: { type: string };
      points: { value: { int64Value: string } }[];
    }[];
    assert.deepEqual(series!.metric.labels, { response_code: "200", response_code_class: "2xx" });
    assert.equal(series!.resource.type, "cloud_run_revision");
    assert.equal(
      series!.points.reduce((sum, { value }) => sum + Number(value.int64Value), 0),
      3,
    );
  });

  test("the collector gets a span for each request, below the caller's", async () => {
    const found = await until(async () => {
      const mine = spans.filter(({ traceId }) => traceId === TRACE);
      return mine.length === 3 && mine;
    });
    assert.equal(new Set(found.map(({ spanId }) => spanId)).size, 3);
    for (const { name, parentSpanId, attributes } of found) {
      assert.deepEqual([name, parentSpanId], ["GET", CALLER]);
      const status = attributes.find(({ key }) => key === "http.response.status_code");
      assert.equal(Number(status?.value.intValue), 200);
    }
  });
});

async function spansOf(request: IncomingMessage): Promise<Span[]> {
  const { resourceSpans } = (await json(request)) as { resourceSpans: { scopeSpans: { spans: Span[] }[] }[] };
  return resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans));
}
