import { createAuthorizeInvoker } from "./run/authorize-invoker.ts";
import { createAccessSecret } from "./run/secrets/access-secret.ts";
import { createInstanceLogs } from "./run/instance-logs.ts";
import type { InstanceLogEntry } from "../instances/serving.ts";
import type { Principal } from "../wire/credentials/principal.ts";
import type { ServiceDeps } from "../wire/service-deps.ts";
import type { ServiceModule } from "../wire/service-module.ts";
import { ensureRepositoryOf } from "./artifactregistry/ensure-repository.ts";
import { artifactregistry, type ArtifactRegistryDeps } from "./artifactregistry/module.ts";
import { type BaseImagesApiDeps, baseimages } from "./baseimages/module.ts";
import { cloudbuild } from "./cloudbuild/module.ts";
import type { CloudBuildDeps } from "./cloudbuild/deps.ts";
import { type ClockApiDeps, clockApi } from "./clock/module.ts";
import type { CloudFunctionsDeps } from "./cloudfunctions/deps.ts";
import { cloudfunctions } from "./cloudfunctions/module.ts";
import { cloudresourcemanager } from "./cloudresourcemanager/module.ts";
import { cloudkms } from "./cloudkms/module.ts";
import { cloudscheduler } from "./cloudscheduler/module.ts";
import { cloudtasks } from "./cloudtasks/module.ts";
import { containeranalysis } from "./containeranalysis/module.ts";
import { eventarc } from "./eventarc/module.ts";
import { eventarcpublishing } from "./eventarcpublishing/module.ts";
import { iam } from "./iam/module.ts";
import { iamcredentials } from "./iamcredentials/module.ts";
import { logging } from "./logging/module.ts";
import { monitoring } from "./monitoring/module.ts";
import { oauth2 } from "./oauth2/module.ts";
import { pubsub } from "./pubsub/module.ts";
import { metricsApi, type MetricsApiDeps } from "./run/metrics/metrics-api.ts";
import { createRunMetrics } from "./run/metrics/run-metrics.ts";
import { run } from "./run/module.ts";
import type { RunDeps } from "./run/context.ts";
import { exportTraces } from "./run/traces/export-traces.ts";
import type { SecretManagerDeps } from "./secretmanager/deps.ts";
import { secretmanager } from "./secretmanager/module.ts";
import { serviceusage } from "./serviceusage/module.ts";
import { storage, type StorageDeps } from "./storage/module.ts";

/** What the services need together: the wire's deps and the floors below. */
export type AllServiceDeps = ServiceDeps &
  CloudBuildDeps &
  RunDeps &
  StorageDeps &
  ArtifactRegistryDeps &
  BaseImagesApiDeps &
  ClockApiDeps &
  CloudFunctionsDeps &
  MetricsApiDeps &
  SecretManagerDeps;

/** Every API that homerun serves; a new service is one line here. */
const SERVICES = [
  artifactregistry,
  cloudbuild,
  cloudfunctions,
  cloudresourcemanager,
  cloudkms,
  cloudscheduler,
  cloudtasks,
  containeranalysis,
  eventarc,
  eventarcpublishing,
  iam,
  iamcredentials,
  logging,
  monitoring,
  oauth2,
  pubsub,
  run,
  secretmanager,
  storage,
];

/** Makes all services, and homerun's own of base images, for Prometheus and of the test clock. Storage comes last: on a shared host its XML API answers any path. */
export function defineServices(deps: AllServiceDeps): readonly ServiceModule[] {
  const modules: ServiceModule[] = SERVICES.map((define) => define(deps));
  const servedApis = () => modules.map((module) => `${module.name}.googleapis.com`);
  return [serviceusage({ ...deps, servedApis }), baseimages(deps), metricsApi(deps), clockApi(deps), ...modules];
}

/** What the floors below call back: who may invoke, where instances' logs go, how they read secrets, where base images are kept. */
export function serviceHooks(deps: ServiceDeps, { otlpEndpoint }: { readonly otlpEndpoint: string | undefined }) {
  const logs = createInstanceLogs(deps);
  const runMetrics = createRunMetrics();
  const traces = otlpEndpoint === undefined ? undefined : exportTraces(otlpEndpoint, deps.log);
  return {
    runMetrics,
    authorizeInvoker: createAuthorizeInvoker(deps),
    accessSecret: createAccessSecret(deps),
    writeLog(entry: InstanceLogEntry) {
      logs.write(entry);
      runMetrics.observe(entry);
      traces?.observe(entry);
    },
    ensureRepositoryOf: (reference: string, as: Principal) => ensureRepositoryOf(deps, reference, as),
    async [Symbol.asyncDispose]() {
      await Promise.all([logs[Symbol.asyncDispose](), traces?.[Symbol.asyncDispose]()]);
    },
  };
}
