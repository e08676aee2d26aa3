/** An event as the API shows it. */
export interface EventJson {
  readonly messageId: string;
  readonly subscription: string;
  readonly publishTime?: string;
  readonly event?: { readonly type?: string; readonly source?: string; readonly subject?: string };
  readonly outcome: string;
  readonly attempts: readonly AttemptJson[];
  readonly message?: { readonly data?: string; readonly attributes?: Readonly<Record<string, string>> };
}

/** One attempt to deliver it. */
export interface AttemptJson {
  readonly attempt?: number;
  readonly replay?: true;
  readonly startTime: string;
  readonly latency: string;
  readonly endpoint: string;
  readonly outcome: string;
  readonly httpStatus?: number;
  readonly detail?: string;
  readonly revision?: string;
}

/** Which event is meant: its message's id, with the subscription where several got it. */
export function eventPath(id: string, subscription: string | undefined): string {
  const of = subscription === undefined ? "" : `subscriptions/${encodeURIComponent(subscription)}/`;
  return `${of}events/${encodeURIComponent(id)}`;
}

/** One line about an attempt: "2 DELIVERED 200 in 0.012s revision hello-00002-abc". */
export function attemptLine({ attempt, replay, outcome, httpStatus, latency, ...rest }: AttemptJson): string {
  const [count, status] = [replay === true ? "replay" : String(attempt ?? ""), httpStatus ?? ""];
  const revision = rest.revision === undefined ? "" : `, revision ${rest.revision}`;
  const detail = rest.detail === undefined ? "" : `\n      ${rest.detail.trim().replaceAll("\n", "\n      ")}`;
  const line = `${rest.startTime}  ${count.padEnd(6)}  ${outcome} ${status}`.trimEnd();
  return `${line} in ${latency} at ${rest.endpoint || "nowhere"}${revision}${detail}`;
}
