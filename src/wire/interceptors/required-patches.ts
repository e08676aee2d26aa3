/**
 * Fields that Google's protos mark REQUIRED although the service takes the resource name in their place
 * (cloudbuild.proto: the fields of the older, global paths). REST under projects/P/locations/L never sends them.
 */
export const notReallyRequired: ReadonlySet<string> = new Set(
  ["CreateBuild", "GetBuild", "ListBuilds", "CancelBuild", "RetryBuild"].flatMap((method) => [
    `google.devtools.cloudbuild.v1.${method}Request.project_id`,
    `google.devtools.cloudbuild.v1.${method}Request.id`,
  ]),
);
