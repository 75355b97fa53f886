import { Select, SimpleGrid, Stack, Text } from "@mantine/core";

import type { PlacedProblem } from "../api/client";
import { ColumnSelect } from "./ColumnSelect";
import { asObject, type Column, type Draft, type ObjectType, unset, withKey } from "./draft";
import { OneField } from "./Fields";

const MODES: Record<string, string> = {
  upsert: "Update or create (upsert)",
  update: "Only update",
  insert: "Only create (insert)",
};
const CHANGES: Record<string, string> = {
  reject: "Reject the row",
  ignore: "Leave the record as it is",
  replace: "Remove the record and insert another",
};
const REMOVALS: Record<string, string> = {
  keep: "Keep the record",
  archive: "Archive the record",
  delete: "Delete the record",
  delete_or_archive: "Delete it, or archive it where it is in use",
  void: "Void the document, delete a draft",
};

const named = (values: string[], words: Record<string, string>) => values.map((value) => ({ value, label: words[value] ?? value }));

/** The fields that say of which type the records are. */
export const typesOf = (object: ObjectType) => object.fields.filter((field) => field.required && field.choices.length > 0);

/** Which records a row becomes, how it finds them, and what happens to those of rows that are gone. */
export function Records({
  object,
  draft,
  columns,
  problems,
  onChange,
}: {
  object: ObjectType;
  draft: Draft;
  columns: Column[];
  problems: PlacedProblem[];
  onChange: (draft: Draft) => void;
}) {
  const unsaid = object.mode === null ? object.modes[0]! : "";
  const mode = String(draft.mode ?? unsaid);
  const fields = asObject(draft.fields);
  const [[matchField, matchColumn] = ["", ""]] = Object.entries(asObject(draft.match));
  const set = (key: string, value: unknown) => onChange(withKey(draft, key, value));
  const usual = (key: string, first: string) => (value: string | null) => set(key, value === first ? undefined : (value ?? undefined));
  const wrongMode = problems.find((each) => each.field === "mode")?.message;
  const wrong = problems.find((each) => each.field?.startsWith("match"))?.message;
  return (
    <Stack>
      {typesOf(object).map((field) => (
        <OneField
          key={field.name}
          field={field}
          spec={fields[field.name] ?? unset(field)}
          path={field.name}
          place={`fields.${field.name}`}
          columns={columns}
          problems={problems}
          onChange={(spec) => set("fields", { ...fields, [field.name]: spec })}
        />
      ))}
      <SimpleGrid cols={{ base: 1, sm: 2 }}>
        <Select label="Mode" allowDeselect={false} data={named(object.modes, MODES)} value={mode || null} error={wrongMode} onChange={usual("mode", unsaid)} />
        {mode === "insert" && (
          <Select
            label="When a row changed"
            allowDeselect={false}
            data={named(object.on_changes, CHANGES)}
            value={String(draft.on_change ?? "reject")}
            onChange={usual("on_change", "reject")}
          />
        )}
        <Select
          label="When a row is gone from the model"
          allowDeselect={false}
          data={named(object.removals, REMOVALS)}
          value={String(draft.on_removal ?? "keep")}
          onChange={usual("on_removal", "keep")}
        />
      </SimpleGrid>
      <div>
        <SimpleGrid cols={{ base: 1, sm: 2 }}>
          <Select
            label="A row finds its record by"
            placeholder="Field"
            allowDeselect={false}
            data={object.match_fields}
            value={matchField || null}
            onChange={(name) => name && set("match", { [name]: matchColumn })}
          />
          <ColumnSelect
            label="which is in the column"
            columns={columns}
            value={String(matchColumn)}
            onChange={(name) => set("match", { [matchField || object.match_fields[0]!]: name })}
          />
        </SimpleGrid>
        {wrong && (
          <Text size="xs" c="red" mt={4}>
            {wrong}
          </Text>
        )}
      </div>
    </Stack>
  );
}
