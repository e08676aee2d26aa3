import { sqlitePlace } from "../store/sqlite-place.ts";
import { wakeupRowsSuite } from "./wakeup-rows-suite.ts";

wakeupRowsSuite("SQLite", sqlitePlace);
