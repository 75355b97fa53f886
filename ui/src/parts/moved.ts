import type { Schemas } from "../api/client";
import { many, money } from "./words";

type Moved = Schemas["MovedShape"];

const isNothing = (amount: unknown): boolean => Number(amount) === 0;

/** Whether all that is written is new: then there is nothing that the sum changes. */
const isAllNew = ({ before, down, unknown }: Moved): boolean => isNothing(before) && isNothing(down) && unknown === 0;

/** Return what a plan changes in the books, with its sign where something was there before. */
export function netOf(moved: Moved, currency: string): string {
  const net = money(moved.net, currency);
  return isAllNew(moved) || isNothing(moved.net) || net.startsWith("-") ? net : `+${net}`;
}

/** Return what that comes from, undefined where all is new. */
export function comesFrom(moved: Moved): string | undefined {
  if (isAllNew(moved)) return undefined;
  const { before, after, up, down, unknown } = moved;
  const said = [`${money(before, "")} before, ${money(after, "")} after`];
  if (!isNothing(up) && !isNothing(down)) said.push(`${money(up, "")} up, ${money(down, "")} down`);
  if (unknown > 0) said.push(`before is not known of ${many(unknown, "record")}`);
  return said.join("; ");
}
