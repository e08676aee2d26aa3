/** A time to the second on the clocks of a time zone, for example "2026-09-14T00:00:00+09:00", with "Z" where they show UTC. */
export function rfc3339InZone(timeMs: number, timeZone: string): string {
  const offsetMinutes = offsetOf(timeMs, timeZone);
  const local = new Date(timeMs + offsetMinutes * 60_000).toISOString().slice(0, 19);
  if (offsetMinutes === 0) return `${local}Z`;
  const [hours, minutes] = [Math.floor(Math.abs(offsetMinutes) / 60), Math.abs(offsetMinutes) % 60];
  return `${local}${offsetMinutes < 0 ? "-" : "+"}${twoDigits(hours)}:${twoDigits(minutes)}`;
}

/** Minutes east of UTC. */
function offsetOf(timeMs: number, timeZone: string): number {
  const parts = new Intl.DateTimeFormat("en", { timeZone, timeZoneName: "longOffset" }).formatToParts(timeMs);
  const name = parts.find(({ type }) => type === "timeZoneName")?.value ?? "";
  const [, sign, hours, minutes] = /^GMT(?:([+-])(\d\d):(\d\d))?/.exec(name) ?? [];
  if (sign === undefined) return 0;
  return (sign === "-" ? -1 : 1) * (Number(hours) * 60 + Number(minutes));
}

function twoDigits(number: number): string {
  return String(number).padStart(2, "0");
}
