import { IAMCredentials } from "../../../gen/google/iam/credentials/v1/iamcredentials_pb.js";
import { unsupportedField } from "../../../wire/errors.ts";
import { hasUndeclaredField } from "../../../wire/rest/undeclared-fields.ts";
import { rpc } from "../../../wire/rpc.ts";
import type { IamCredentialsDeps } from "../deps.ts";
import { findSigner } from "../find-signer.ts";

/** google.iam.credentials.v1.IAMCredentials.GenerateIdToken; the token lives for an hour. */
export const generateIdToken = (deps: IamCredentialsDeps) =>
  rpc(
    IAMCredentials.method.generateIdToken,
    { permission: "iam.serviceAccounts.getOpenIdToken", audit: "DATA_READ" },
    async (request) => {
      if (hasUndeclaredField(request, "organizationNumberIncluded"))
        throw unsupportedField("organization_number_included");
      const { email } = await findSigner(deps, request);
      const { audience, includeEmail } = request;
      const authorizedParty = hasUndeclaredField(request, "useEmailAzp") ? { authorizedParty: email } : {};
      return { token: await deps.tokens.issueIdToken(email, audience, { includeEmail, ...authorizedParty }) };
    },
  );
