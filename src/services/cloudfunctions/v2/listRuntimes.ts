import {
  Environment,
  FunctionService,
  ListRuntimesResponse_RuntimeSchema as RuntimeSchema,
  ListRuntimesResponse_RuntimeStage as Stage,
} from "../../../gen/google/cloud/functions/v2/functions_pb.js";
import { create } from "@bufbuild/protobuf";
import { matchesFilter } from "../../../wire/filter/matches-filter.ts";
import { parseFilter } from "../../../wire/filter/parse-filter.ts";
import { type Rpc, rpc } from "../../../wire/rpc.ts";
import type { Deps } from "../deps.ts";
import { parseLocationName } from "../function-name.ts";
import { type Runtime, RUNTIMES, stageOf } from "../runtimes.ts";

/** FunctionService.ListRuntimes: exactly what can be built. */
export const listRuntimes = ({ clock }: Pick<Deps, "clock">): Rpc =>
  rpc(
    FunctionService.method.listRuntimes,
    // Google documents cloudfunctions.runtimes.list, which none of its roles holds; whoever sees where functions run, may.
    { permission: "cloudfunctions.locations.list", audit: "none" },
    async ({ parent, filter: filterText }) => {
      parseLocationName(parent);
      const filter = parseFilter(filterText);
      const runtimes = RUNTIMES.map((runtime) => toMessage(runtime, clock.nowMs()));
      return { runtimes: runtimes.filter((runtime) => matchesFilter(filter, RuntimeSchema, runtime)) };
    },
  );

function toMessage(runtime: Runtime, nowMs: number) {
  const { name, displayName, deprecationDate, decommissionDate } = runtime;
  const stage = stageOf(runtime, nowMs);
  const warnings =
    stage === Stage.DEPRECATED
      ? [`Runtime ${name} is deprecated since ${deprecationDate}. We recommend you to upgrade to a newer runtime.`]
      : [];
  return create(RuntimeSchema, {
    name,
    displayName,
    stage,
    warnings,
    environment: Environment.GEN_2,
    ...(deprecationDate !== undefined && { deprecationDate: dateOf(deprecationDate) }),
    ...(decommissionDate !== undefined && { decommissionDate: dateOf(decommissionDate) }),
  });
}

function dateOf(iso: string) {
  const [year = 0, month = 0, day = 0] = iso.split("-").map(Number);
  return { year, month, day };
}
