/** The topic's schema and what a subscription asks for do not go together. */
export class SchemaMismatch extends Error {
  override name = "SchemaMismatch";
}
