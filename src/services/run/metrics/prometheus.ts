import type { Histogram } from "./histogram.ts";
import type { Labels, Measurement } from "./measurements.ts";

/** Measurements by the kind of metric that they are to Prometheus. */
export interface Exposition {
  readonly counters: readonly Measurement[];
  readonly gauges: readonly Measurement[];
}

/** Content type of `formatExposition`. */
export const PROMETHEUS_TYPE = "text/plain; version=0.0.4; charset=utf-8";

/**
 * The text that Prometheus scrapes. Names are those that Google's PromQL has for the metrics of Cloud Monitoring:
 * run.googleapis.com/container/instance_count is run_googleapis_com:container_instance_count.
 */
export function formatExposition({ counters, gauges }: Exposition): string {
  const families = new Map<string, string[]>();
  for (const each of counters) addTo(families, each, typeof each.value === "number" ? "counter" : "histogram");
  for (const each of gauges) addTo(families, each, "gauge");
  return [...families].map(([header, lines]) => `${header}\n${lines.join("\n")}\n`).join("");
}

function addTo(families: Map<string, string[]>, measurement: Measurement, type: string): void {
  const name = nameOf(measurement.metric);
  const header = `# TYPE ${name} ${type}`;
  families.set(header, [...(families.get(header) ?? []), ...linesOf(name, measurement)]);
}

function nameOf(metric: string): string {
  const slash = metric.indexOf("/");
  const clean = (text: string) => text.replaceAll(/[^A-Za-z0-9]/g, "_");
  return `${clean(metric.slice(0, slash))}:${clean(metric.slice(slash + 1))}`;
}

function linesOf(name: string, { labels, resource, value }: Measurement): string[] {
  const all = { monitored_resource: resource.type, ...resource.labels, ...labels };
  if (typeof value === "number") return [`${name}${formatLabels(all)} ${value}`];
  return [
    ...bucketLines(name, all, value),
    `${name}_sum${formatLabels(all)} ${value.sum}`,
    `${name}_count${formatLabels(all)} ${value.count}`,
  ];
}

/** Prometheus' buckets hold everything up to their bound. */
function bucketLines(name: string, labels: Labels, { buckets, bucketCounts, count }: Histogram): string[] {
  let below = 0;
  const lines = buckets.bounds.map((bound, index) => {
    below += bucketCounts[index] ?? 0;
    return `${name}_bucket${formatLabels({ ...labels, le: String(bound) })} ${below}`;
  });
  return [...lines, `${name}_bucket${formatLabels({ ...labels, le: "+Inf" })} ${count}`];
}

function formatLabels(labels: Labels): string {
  const escaped = (text: string) => text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
  return `{${Object.entries(labels)
    .map(([key, value]) => `${key}="${escaped(value)}"`)
    .join(",")}}`;
}
