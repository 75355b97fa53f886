import { ActionIcon, Button, Code, Group, Select, Stack, Text } from "@mantine/core";
import { IconPlus, IconTrash } from "@tabler/icons-react";

import type { PlacedProblem } from "../api/client";
import { write } from "../api/exact";
import { ColumnSelect } from "./ColumnSelect";
import { asObject, beginning, type Column, type Field, inside, originOf, said, type Spec, type Specs, unset, withKey } from "./draft";
import { FieldName, ScalarField } from "./ScalarField";

type Shared = { columns: Column[]; problems: PlacedProblem[] };

/** The fields of an object: those that are mapped or have to be, and the others to choose from. */
export function Fields({
  fields,
  specs,
  path,
  place,
  onChange,
  ...shared
}: Shared & { fields: Field[]; specs: Specs; path: string; place: string; onChange: (specs: Specs) => void }) {
  const shown = fields.filter((field) => field.required || field.name in specs);
  const free = fields.filter((field) => !shown.includes(field)).map((field) => field.name);
  const unknown = Object.keys(specs).filter((name) => !fields.some((field) => field.name === name));
  return (
    <Stack gap="sm">
      {shown.map((field) => (
        <OneField
          key={field.name}
          {...shared}
          field={field}
          spec={specs[field.name] ?? unset(field)}
          path={path + field.name}
          place={`${place}.${field.name}`}
          onChange={(spec) => onChange(withKey(specs, field.name, spec))}
          onRemove={field.required ? undefined : () => onChange(withKey(specs, field.name, undefined))}
        />
      ))}
      {unknown.map((name) => (
        <Group key={name} justify="space-between" wrap="nowrap">
          <Code>{`${name}: ${write(specs[name])}`}</Code>
          <ActionIcon variant="subtle" color="gray" aria-label={`Remove ${path}${name}`} onClick={() => onChange(withKey(specs, name, undefined))}>
            <IconTrash size={16} />
          </ActionIcon>
        </Group>
      ))}
      {free.length > 0 && (
        <Select
          key={free.length}
          aria-label={path ? `Add a field to ${path.replace(/\.$/, "")}` : "Add a field"}
          placeholder="Add a field …"
          leftSection={<IconPlus size={15} />}
          searchable
          w={260}
          data={free}
          value={null}
          onChange={(name) => {
            const field = fields.find((each) => each.name === name);
            if (field) onChange(withKey(specs, field.name, beginning(field)));
          }}
        />
      )}
    </Stack>
  );
}

type OneProps = Shared & {
  field: Field;
  spec: Spec;
  path: string;
  place: string;
  onChange: (spec: Spec) => void;
  onRemove?: () => void;
};

export function OneField(props: OneProps) {
  const { field, place, problems } = props;
  if (field.kind === "list") return <ListField {...props} />;
  if (field.kind === "object") {
    return (
      <Nest {...props}>
        <Inner {...props} />
      </Nest>
    );
  }
  const error = problems.find((each) => each.field === place || each.field?.startsWith(`${place}.`))?.message;
  return <ScalarField {...props} error={error} />;
}

function Nest({ field, path, place, problems, onRemove, children }: OneProps & { children: React.ReactNode }) {
  const error = problems.find((each) => each.field === place)?.message;
  return (
    <div className="nest">
      <Group justify="space-between" mb="xs" wrap="nowrap">
        <FieldName field={field} />
        {onRemove && (
          <ActionIcon variant="subtle" color="gray" aria-label={`Remove ${path}`} onClick={onRemove}>
            <IconTrash size={16} />
          </ActionIcon>
        )}
      </Group>
      {error && (
        <Text size="xs" c="red" mb="xs">
          {error}
        </Text>
      )}
      {children}
    </div>
  );
}

function Inner({ field, spec, path, place, columns, problems, onChange }: OneProps) {
  return (
    <Fields
      fields={field.fields}
      specs={asObject(spec)}
      path={`${path}.`}
      place={place}
      columns={columns}
      problems={problems}
      onChange={onChange}
    />
  );
}

/** A list: so many entries, or one for every line in a column. */
function ListField(props: OneProps) {
  const { field, spec, path, place, columns, onChange } = props;
  const byLine = originOf(spec) === "each";
  const holders = columns.filter((each) => each.inside.length > 0 || each.type === "json" || each.name === said(spec, "each"));
  const entries = Array.isArray(spec) ? (spec as Spec[]) : [];
  const choose = (how: string | null) => {
    if (how === "each") {
      const each = holders[0]?.name ?? "";
      onChange({ each, fields: asObject(beginning({ ...field, kind: "object" })) });
    } else onChange(beginning(field));
  };
  return (
    <Nest {...props}>
      <Group mb="sm" align="flex-end">
        <Select
          aria-label={`${path} entries`}
          allowDeselect={false}
          w={220}
          data={[
            { value: "list", label: "Entries written here" },
            { value: "each", label: "One for every line" },
          ]}
          value={byLine ? "each" : "list"}
          onChange={choose}
        />
        {byLine && (
          <ColumnSelect
            hidden
            label={`${path} lines`}
            columns={holders.length > 0 ? holders : columns}
            value={said(spec, "each")}
            onChange={(each) => onChange({ ...asObject(spec), each })}
          />
        )}
      </Group>
      {byLine && (
        <Text size="xs" c="dimmed" mb="sm">
          A line gets values of its own columns. Should it get one of the whole record, such as its tax type, name that among the columns of a
          line on the model&apos;s page.
        </Text>
      )}
      {byLine && (
        <Inner
          {...props}
          spec={asObject(spec).fields}
          place={`${place}.fields`}
          columns={inside(columns, said(spec, "each"))}
          onChange={(fields) => onChange({ ...asObject(spec), fields })}
        />
      )}
      {!byLine &&
        entries.map((entry, index) => (
          <div key={index} className="nest-entry">
            <Group justify="space-between" mb={4}>
              <Text size="xs" c="dimmed">
                Entry {index + 1}
              </Text>
              {entries.length > 1 && (
                <Button size="compact-xs" variant="subtle" color="gray" onClick={() => onChange(entries.filter((_, at) => at !== index))}>
                  Remove entry {index + 1}
                </Button>
              )}
            </Group>
            <Inner
              {...props}
              spec={entry}
              path={`${path}[${index + 1}]`}
              place={`${place}.${index}`}
              onChange={(changed) => onChange(entries.map((each, at) => (at === index ? changed : each)))}
            />
          </div>
        ))}
      {!byLine && (field.max_length === null || entries.length < field.max_length) && (
        <Button
          size="compact-sm"
          variant="subtle"
          mt="xs"
          leftSection={<IconPlus size={14} />}
          onClick={() => onChange([...entries, asObject(beginning({ ...field, kind: "object" }))])}
        >
          Add an entry to {path}
        </Button>
      )}
    </Nest>
  );
}
