const RUN_HOST =
  /^(?:[a-z][a-z0-9-]*---)?([a-z][a-z0-9-]*)-(?:\d+\.[a-z0-9-]+|[a-z2-7]{10}-[a-z0-9]+\.a)\.run\.(?:app|localhost)$/;
const FUNCTIONS_HOST = /^[a-z]+-[a-z]+\d+-[^.]+\.cloudfunctions\.(?:net|localhost)$/;

/** The id of the function or service behind an endpoint, by either form of a Cloud Run URL or a function's; undefined for other hosts. */
export function destinationOf(endpoint: string): string | undefined {
  const url = URL.parse(endpoint);
  if (url === null) return undefined;
  if (FUNCTIONS_HOST.test(url.hostname)) return url.pathname.split("/")[1] || undefined;
  return RUN_HOST.exec(url.hostname)?.[1];
}

/** Whether that is the function or service of an id; a function's service is named in lower case and without underscores. */
export function isDestination(endpoint: string, id: string): boolean {
  const destination = destinationOf(endpoint);
  return destination === id || destination === id.toLowerCase().replaceAll("_", "-");
}
