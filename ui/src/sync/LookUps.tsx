import { Button, Group, Select, Stack, Text } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";

import type { PlacedProblem } from "../api/client";
import { ColumnSelect } from "./ColumnSelect";
import { asObject, type Column, type Draft, type ObjectType, said, type Specs, withKey } from "./draft";
import { Fields } from "./Fields";

type LookUp = ObjectType["look_ups"][number];

/** The records of other kinds that a row names, and how they are found. */
export function LookUps({
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
  const all = asObject(draft.look_up);
  const mapped = asObject(draft.fields);
  const change = (field: string, value: unknown) => {
    const next = withKey(all, field, value);
    onChange(withKey(draft, "look_up", Object.keys(next).length > 0 ? next : undefined));
  };
  return (
    <Stack gap="sm">
      {object.look_ups.map((one) =>
        one.field in mapped ? null : one.required || one.field in all ? (
          <OneLookUp
            key={one.field}
            one={one}
            said={asObject(all[one.field])}
            columns={columns}
            problems={problems}
            onChange={(value) => change(one.field, value)}
          />
        ) : (
          <Button
            key={one.field}
            variant="subtle"
            size="compact-sm"
            w="fit-content"
            leftSection={<IconPlus size={14} />}
            onClick={() => change(one.field, { by: one.by[0], column: "" })}
          >
            Look up {one.field}
          </Button>
        ),
      )}
    </Stack>
  );
}

function OneLookUp({
  one,
  said: value,
  columns,
  problems,
  onChange,
}: {
  one: LookUp;
  said: Record<string, unknown>;
  columns: Column[];
  problems: PlacedProblem[];
  onChange: (value: unknown) => void;
}) {
  const by = said(value, "by") || one.by[0]!;
  const mayCreate = one.created_by.includes(by);
  const creates = said(value, "missing") === "create";
  const set = (key: string, to: unknown) => onChange(withKey({ by, column: "", ...value }, key, to));
  const isOwn = (field: string) => field === `fields.${one.field}` || (field.startsWith(`look_up.${one.field}`) && !field.includes(".fields"));
  const error = problems.find(({ field }) => field && isOwn(field))?.message;
  return (
    <div className="nest">
      <Group align="flex-end" mb={creates ? "sm" : 0}>
        <Select
          label={`${one.field} is found by`}
          allowDeselect={false}
          data={one.by}
          value={by}
          onChange={(name) => name !== null && set("by", name)}
        />
        <ColumnSelect
          label={`${one.field} column`}
          columns={columns}
          value={said(value, "column")}
          onChange={(name) => set("column", name)}
        />
        {(mayCreate || creates) && (
          <Select
            label={`When the ${one.field} is not there`}
            w={220}
            allowDeselect={false}
            data={[
              { value: "reject", label: "Reject the row" },
              { value: "create", label: "Create it first" },
            ]}
            value={creates ? "create" : "reject"}
            onChange={(chosen) =>
              onChange(chosen === "create" ? { ...value, by, missing: "create" } : withKey(withKey(value, "missing", undefined), "fields", undefined))
            }
          />
        )}
        {!one.required && (
          <Button variant="subtle" color="gray" onClick={() => onChange(undefined)}>
            Do not look up
          </Button>
        )}
      </Group>
      {error && (
        <Text size="xs" c="red" mt={6}>
          {error}
        </Text>
      )}
      {creates && one.fields.length > 0 && (
        <Fields
          fields={one.fields.filter((each) => each.name !== by)}
          specs={asObject(value.fields) as Specs}
          path={`${one.field}.`}
          place={`look_up.${one.field}.fields`}
          columns={columns}
          problems={problems}
          onChange={(fields) => set("fields", Object.keys(fields).length > 0 ? fields : undefined)}
        />
      )}
    </div>
  );
}
