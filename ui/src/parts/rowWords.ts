import type { Schemas } from "../api/client";

type Row = Pick<Schemas["SyncRowShape"], "key" | "state">;

const TRIED: Record<string, string> = {
  rejected: "by the next run",
  skipped: "by the next run",
  leaving: "by the next run",
  parked: "when it or its mapping changes, or with Retry",
  uncertain: "once somebody says whether it is booked",
};

/** Return when a row that waits is tried again, where no moment says it; "" for one that does not wait. */
export const triedOf = ({ state }: Pick<Row, "state">): string => TRIED[state] ?? "";

const order = new Intl.Collator(undefined, { numeric: true });

/** Return rows as a person looks for them: those that wait first, and 41 before 144. */
export const sorted = <Each extends Row>(rows: Each[]): Each[] =>
  [...rows].sort((one, other) => Number(one.state in TRIED ? 0 : 1) - Number(other.state in TRIED ? 0 : 1) || order.compare(one.key, other.key));
