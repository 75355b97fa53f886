import { expect, test } from "vitest";

import type { Setting } from "../src/connect/schema";
import { referenceIn, sealable } from "../src/connect/sealing";

const setting = (name: string, kind: Setting["kind"]): Setting => ({ name, kind, about: "", required: false, usual: null, choices: [] });
const SETTINGS = [setting("host", "text"), setting("password", "secret"), setting("url", "secret")];

test("a secret gets a name of its own, and its value is not in the file", () => {
  const { values, secrets } = sealable("my-books", SETTINGS, { type: "postgres", host: "h", password: "word" });
  expect(values).toEqual({ type: "postgres", host: "h", password: "${MY_BOOKS_PASSWORD}" });
  expect(secrets).toEqual({ MY_BOOKS_PASSWORD: "word" });
});

test("a name that is taken is not taken again, and none begins with a figure or as the server's own", () => {
  expect(sealable("a", SETTINGS, { password: "w" }, {}, ["A_PASSWORD", "A_PASSWORD_2"]).secrets).toEqual({ A_PASSWORD_3: "w" });
  expect(sealable("2nd", SETTINGS, { password: "w" }).secrets).toEqual({ _2ND_PASSWORD: "w" });
  expect(sealable("bookward", SETTINGS, { password: "w" }).secrets).toEqual({ _BOOKWARD_PASSWORD: "w" });
  expect(sealable("bookwards", SETTINGS, { password: "w" }).secrets).toEqual({ BOOKWARDS_PASSWORD: "w" });
});

test("a sealed secret that is replaced keeps its name; one of the environment's does not", () => {
  const kept = { password: "${DB_PASSWORD}" };
  expect(sealable("a", SETTINGS, { password: "new" }, kept, ["DB_PASSWORD"])).toEqual({
    values: { password: "${DB_PASSWORD}" },
    secrets: { DB_PASSWORD: "new" },
  });
  const same = { password: "${A_PASSWORD}" };
  expect(sealable("a", SETTINGS, { password: "new" }, same).secrets).toEqual({ A_PASSWORD_2: "new" });
});

test("what is not touched stays, what is emptied goes, and what no setting is of is left alone", () => {
  const kept = { password: "${P}", url: "postgresql://u:${P}@h/d", host: "h", blackouts: [1] };
  expect(sealable("a", SETTINGS, { ...kept, host: "" }, kept, ["P"])).toEqual({
    values: { password: "${P}", url: kept.url, blackouts: [1] },
    secrets: {},
  });
});

test("a reference is a name in braces and nothing besides", () => {
  expect(referenceIn("${NAME_1}")).toBe("NAME_1");
  for (const other of ["NAME", "${NAME} ", "x${NAME}", "${}", undefined, 5]) expect(referenceIn(other)).toBeNull();
});
