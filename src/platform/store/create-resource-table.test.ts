import { resourceTableSuite } from "./resource-table-suite.ts";
import { sqlitePlace } from "./sqlite-place.ts";

resourceTableSuite("SQLite", sqlitePlace);
