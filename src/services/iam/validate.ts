import { accountIdLength, accountIdPattern, tooLong } from "./errors.ts";
import { MAX_DESCRIPTION_BYTES, MAX_DISPLAY_NAME_BYTES } from "./limits.ts";

/** Google: iam.proto, CreateServiceAccountRequest.account_id. */
const ACCOUNT_ID = /^[a-z]([-a-z0-9]*[a-z0-9])$/;

/** Rejects an account id that Google would not take. */
export function checkAccountId(accountId: string): void {
  if (accountId.length < 6 || accountId.length > 30) throw accountIdLength(accountId);
  if (!ACCOUNT_ID.test(accountId)) throw accountIdPattern(accountId);
}

/** Rejects texts beyond Google's limits. */
export function checkTexts(account: { readonly displayName: string; readonly description: string }): void {
  if (Buffer.byteLength(account.displayName) > MAX_DISPLAY_NAME_BYTES)
    throw tooLong("display_name", MAX_DISPLAY_NAME_BYTES);
  if (Buffer.byteLength(account.description) > MAX_DESCRIPTION_BYTES)
    throw tooLong("description", MAX_DESCRIPTION_BYTES);
}
