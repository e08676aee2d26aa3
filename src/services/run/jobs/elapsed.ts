/** A time span as Cloud Run writes it into messages of executions: "1.09s", "15.5s", "2m49.01s". */
export function formatElapsed(ms: number): string {
  const hundredths = Math.max(0, Math.floor(ms / 10));
  const minutes = Math.floor(hundredths / 6000);
  const seconds = `${(hundredths % 6000) / 100}s`;
  return minutes === 0 ? seconds : `${minutes}m${seconds}`;
}
