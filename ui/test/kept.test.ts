// @vitest-environment jsdom
import { LosslessNumber } from "lossless-json";
import { beforeEach, expect, test } from "vitest";

import { dropDraft, dropDrafts, keepDraft, keptDraft } from "../src/parts/kept";

beforeEach(() => sessionStorage.clear());

test("a draft is kept with the digits of its numbers until it is dropped", () => {
  expect(keptDraft("sync")).toBeNull();
  keepDraft("sync", { value: new LosslessNumber("4.10") });
  expect(String(keptDraft<{ value: unknown }>("sync")!.value)).toBe("4.10");
  dropDraft("sync");
  expect(keptDraft("sync")).toBeNull();
});

test("all drafts are dropped, and nothing else", () => {
  keepDraft("sync", 1);
  keepDraft("model", 2);
  sessionStorage.setItem("scroll", "3");
  dropDrafts();
  expect(Object.keys(sessionStorage)).toEqual(["scroll"]);
});

test("what cannot be read is no draft", () => {
  sessionStorage.setItem("bookward-draft-sync", "{");
  expect(keptDraft("sync")).toBeNull();
});
