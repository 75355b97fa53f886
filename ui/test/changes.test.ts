import { expect, test } from "vitest";

import { read } from "../src/api/exact";
import { changesOf, inWords, shortly } from "../src/parts/changes";

const changes = (before: object | null, payload: object | null) => changesOf({ before, payload } as never);

test("where nothing was known all that is sent changes", () => {
  expect(changes(null, { Name: "Acme", Phones: [] })).toEqual([
    ["Name", undefined, "Acme"],
    ["Phones", undefined, []],
  ]);
  expect(changes(null, null)).toEqual([]);
});

test("a change is told as deep as it goes", () => {
  const before = { Addresses: [{ City: "Oslo", Country: "NO" }], Lines: [{ Amount: 1 }, { Amount: 2 }] };
  const after = { Addresses: [{ City: "Bergen" }], Lines: [{ Amount: 1 }, { Amount: 3 }] };
  expect(changes(before, after)).toEqual([
    ["Addresses.City", "Oslo", "Bergen"],
    ["Lines 2.Amount", 2, 3],
  ]);
});

test("lists of other lengths are told whole, and empty is as good as nothing", () => {
  expect(changes({ Lines: [1] }, { Lines: [1, 2] })).toEqual([["Lines", [1], [1, 2]]]);
  expect(changes({ A: { City: null } }, { A: { City: "", Zip: "1" } })).toEqual([["A.Zip", undefined, "1"]]);
});

test("what differs in nothing that is shown is told whole all the same", () => {
  expect(changes({ Name: "a" }, { Name: "a" })).toEqual([["Name", "a", "a"]]);
});

test("an amount that is written with more zeros is the same", () => {
  const lines = (text: string) => read<object>(`{"LineItems":[{"UnitAmount":${text},"Quantity":1}]}`);
  expect(changes(lines("10.5000"), lines("10.5"))[0]![0]).toBe("LineItems");
  const [[where, before, after]] = changes(lines("10.50"), lines("10.70")) as [[string, unknown, unknown]];
  expect([where, shortly(before), shortly(after)]).toEqual(["LineItems.UnitAmount", "10.50", "10.70"]);
});

test("a list is told by how long it is", () => {
  expect([shortly([1]), shortly([1, 2]), shortly(null)]).toEqual(["1 entry", "2 entries", "nothing"]);
});

test("a record that is referred to is told by its name, or in words", () => {
  const id = "a3e4f1c2-0001-4000-8000-000000000001";
  expect(inWords("Contact", { ContactID: id }, "Ngaio Ltd")).toBe("Ngaio Ltd");
  expect(inWords("Contact", { ContactID: id }, "")).toBe("contact a3e4f1c2…");
  expect(inWords("Contact.ContactID", id, undefined)).toBe("contact a3e4f1c2…");
  expect(inWords("Contact", { Name: "Ngaio Ltd" }, undefined)).toBe("Ngaio Ltd");
  expect(inWords("Invoice", { InvoiceID: id }, "Ngaio Ltd")).toBe("invoice a3e4f1c2…");
  expect(inWords("Reference", "R-1", "Ngaio Ltd")).toBe("R-1");
});
