import { isLosslessNumber, LosslessNumber, parse, stringify } from "lossless-json";

/** Return the value of a JSON text; a number keeps its digits, for 1.10 is not 1.1 to whoever wrote it. */
export const read = <Value>(text: string): Value => parse(text, undefined, numberOf) as Value;

/** Return a value as JSON, with the digits that were read. */
export const write = (value: unknown): string => stringify(value) ?? "null";

export const isSame = (one: unknown, other: unknown): boolean => write(one) === write(other);

/** Return the digits of a number, as they were read; null for what is no number. */
export const digitsOf = (value: unknown): string | null =>
  isLosslessNumber(value) || typeof value === "number" ? String(value) : null;

const numberOf = (digits: string): number | LosslessNumber =>
  String(Number(digits)) === digits ? Number(digits) : new LosslessNumber(digits);
