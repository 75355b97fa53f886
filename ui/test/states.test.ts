import { expect, test } from "vitest";

import { covers, linesOf, titleOf } from "../src/alerts/states";
import { unnamedOf } from "../src/connect/unnamed";

const glance = (kind: string, slug: string, about = {}) => ({ kind, slug, about, problems: 0 });
const state = (subject: string, trigger: string) =>
  ({ subject, trigger, level: "critical", since: "2026-11-02T09:00:00Z", began: "", episode: "", message: "", remedy: "", run: null }) as never;

test("what has a state comes first, and then whatever was always well", () => {
  const all = [glance("models", "users"), glance("syncs", "b"), glance("syncs", "a"), glance("sources", "warehouse"), glance("alerts", "team")];
  const lines = linesOf([state("syncs/a", "run_failed"), state("alerts/team", "alert_undelivered")], all);
  expect(lines.map(({ subject, level }) => `${subject} ${level}`)).toEqual([
    "syncs/a critical",
    "alerts/team critical",
    "sources/warehouse ok",
    "syncs/b ok",
  ]);
});

test("a silence covers its own trigger, or all of its subject", () => {
  const [line] = linesOf([state("syncs/a", "run_failed")], []);
  const silence = (subject: string, trigger: string | null) => ({ subject, trigger, until: null, by: "", at: "" }) as never;
  expect(covers(silence("syncs/a", null), line!)).toBe(true);
  expect(covers(silence("syncs/a", "run_failed"), line!)).toBe(true);
  expect(covers(silence("syncs/a", "slower"), line!)).toBe(false);
  expect(covers(silence("syncs/b", null), line!)).toBe(false);
});

test("a destination is unnamed that has the name of its kind and that no sync refers to", () => {
  const all = [
    glance("destinations", "new-xero", { type: "xero" }),
    glance("destinations", "new-xero-2", { type: "xero" }),
    glance("destinations", "new-zealand", { type: "xero" }),
    glance("sources", "new-xero-3", { type: "xero" }),
    glance("syncs", "users", { destination: "new-xero" }),
  ];
  expect(unnamedOf(all)).toEqual(["new-xero-2"]);
});

test("a trigger's title begins with a capital", () => expect(titleOf("nothing_changed")).toBe("Nothing changed"));
