import {
  IAM,
  LintResult_Level as Level,
  LintResult_Severity as Severity,
} from "../../../gen/google/iam/admin/v1/iam_pb.js";
import { compileCondition } from "../../../wire/iam/access/conditions.ts";
import { rpc } from "../../../wire/rpc.ts";

const RULE = "LintValidationUnits/ConditionCompileCheck";

/** IAM.LintPolicy: whether the expression of a condition compiles. */
export const lintPolicy = () =>
  rpc(IAM.method.lintPolicy, { permission: "none", audit: "none" }, async ({ lintObject }) => {
    const expression = lintObject.value?.expression ?? "";
    try {
      compileCondition(expression);
      return { lintResults: [] };
    } catch (error) {
      const debugMessage = error instanceof Error ? error.message : String(error);
      const found = { level: Level.CONDITION, severity: Severity.ERROR, fieldName: "condition.expression" };
      return { lintResults: [{ ...found, validationUnitName: RULE, debugMessage }] };
    }
  });
