import type { Revision } from "../../../gen/google/cloud/run/v2/revision_pb.js";
import type { Service } from "../../../gen/google/cloud/run/v2/service_pb.js";
import { IngressTraffic } from "../../../gen/google/cloud/run/v2/vendor_settings_pb.js";
import type { RevisionSpec, ServiceRoute, Serving } from "../../../instances/serving.ts";
import type { Log } from "../../../platform/log.ts";
import { lastSegment, revisionNameOf } from "../names.ts";
import { revisionSpecOf } from "../revisions/revision-spec.ts";
import { planTraffic, reachableRevisions, type TrafficPlan } from "./traffic.ts";
import { urlsOf } from "../urls.ts";

/** What the serving floor was told to run, by service; a restart loses it and `start` of the module tells it again. */
export interface Deployments {
  /** Runs a revision (full name) from another image than its own from its next declaration on. */
  useImage(revision: string, image: string): void;
  /** Declares a revision that is to be tried before it gets traffic, with the instances that it is going to have. */
  declare(service: Service, revision: Revision): void;
  /** Declares the given ones of the revisions that the plan reaches, so that minimum instances start before requests come. */
  prepare(service: Service, plan: TrafficPlan, revisions: ReadonlyMap<string, Revision>): void;
  /** Declares every revision that the plan reaches and switches the service's route; idempotent. */
  serve(service: Service, plan: TrafficPlan, revisions: ReadonlyMap<string, Revision>): void;
  /** Stops what was declared for the service but is not among `wanted` (full names). */
  keepOnly(service: string, wanted: ReadonlySet<string>): void;
  /** Takes the service's route away and stops all of its revisions. */
  remove(service: string): void;
}

/** Deployments on the serving floor. Stopping goes on in the background, since requests may take long to finish. */
export function createDeployments(serving: DeploymentsServing, log: Log): Deployments {
  const declared = new Map<string, Set<string>>();
  const images = new Map<string, string>();
  const declare = (service: Service, spec: RevisionSpec) => {
    const names = declared.get(service.name) ?? new Set();
    declared.set(service.name, names.add(spec.name));
    serving.ensureRevision(withMainImage(spec, images.get(spec.name)));
  };
  const prepare = (service: Service, plan: TrafficPlan, revisions: ReadonlyMap<string, Revision>) => {
    for (const id of reachableRevisions(plan)) {
      const revision = revisions.get(id);
      if (revision) declare(service, revisionSpecOf(service, revision, plan.percents));
    }
  };
  const keepOnly = (service: string, wanted: ReadonlySet<string>) => {
    const names = declared.get(service) ?? new Set();
    for (const name of names) {
      if (wanted.has(name)) continue;
      names.delete(name);
      serving.removeRevision(name).catch((error: unknown) => log.error("a revision was not stopped", { name, error }));
    }
    if (names.size === 0) declared.delete(service);
  };
  return {
    useImage: (revision, image) => void images.set(revision, image),
    declare: (service, revision) => declare(service, trialSpecOf(service, revision)),
    prepare,
    serve(service, plan, revisions) {
      prepare(service, plan, revisions);
      serving.setRoute(routeOf(service, plan));
    },
    keepOnly,
    remove(service) {
      serving.removeRoute(service);
      keepOnly(service, new Set());
    },
  };
}

/**
 * A revision has the instances of the traffic it will get before it gets that. One that no request is to reach has one
 * for a moment, whatever minimum it is to have later.
 */
function trialSpecOf(service: Service, revision: Revision): RevisionSpec {
  const { percents, tags } = planTraffic(service, lastSegment(revision.name), () => true);
  const spec = revisionSpecOf(service, revision, percents);
  const isReached = reachableRevisions({ percents, tags }).has(lastSegment(revision.name));
  return isReached ? spec : { ...spec, minInstances: 0 };
}

function withMainImage(spec: RevisionSpec, image: string | undefined): RevisionSpec {
  const [main, ...sidecars] = spec.containers;
  return image === undefined ? spec : { ...spec, containers: [{ ...main, image }, ...sidecars] };
}

export type DeploymentsServing = Pick<Serving, "ensureRevision" | "removeRevision" | "setRoute" | "removeRoute">;

function routeOf(service: Service, { percents, tags }: TrafficPlan): ServiceRoute {
  const { hosts, paths } = urlsOf(service);
  const nameOf = (id: string) => revisionNameOf(service.name, id);
  return {
    service: service.name,
    hosts,
    paths,
    traffic: [...percents].map(([id, percent]) => ({ revision: nameOf(id), percent })),
    tags: Object.fromEntries([...tags].map(([tag, id]) => [tag, nameOf(id)])),
    ingress: ingressOf(service.ingress),
    invokerIamChecked: !service.invokerIamDisabled,
    audiences: service.customAudiences,
  };
}

/** The setting of a route that a v2 ingress setting stands for. */
export function ingressOf(ingress: IngressTraffic): ServiceRoute["ingress"] {
  if (ingress === IngressTraffic.INTERNAL_ONLY) return "internal";
  if (ingress === IngressTraffic.INTERNAL_LOAD_BALANCER) return "internal-and-cloud-load-balancing";
  return ingress === IngressTraffic.NONE ? "none" : "all";
}
