import { Anchor, Button, Group, Select, Skeleton, Stack, Text, Title } from "@mantine/core";
import { IconWand } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";

import { api, bodyOf, type PlacedProblem, type Schemas } from "../api/client";
import { Trouble } from "../parts/Trouble";
import { useRefocus } from "../parts/useRefocus";
import { asObject, type Draft, type ObjectType, ofObject } from "./draft";
import { Fields } from "./Fields";
import { LookUps } from "./LookUps";
import { Records, typesOf } from "./Records";
import { Rehearsed } from "./Rehearsed";
import { suggested } from "./suggested";
import { useParts } from "./useParts";
import { useRehearsal } from "./useRehearsal";

type Props = {
  slug: string;
  draft: Draft;
  /** What was found wrong when somebody wanted to go on. */
  wrong?: PlacedProblem[];
  onChange: (draft: Draft) => void;
};

/** What a row becomes: the form on one side, the JSON that would be sent on the other. */
export function Mapping({ slug, draft, wrong = [], onChange }: Props) {
  const [key, setKey] = useState<string | null>(null);
  const rehearsing = useRehearsal(slug, draft, key);
  const { chosen, columns, objects, object, error, coming, retry } = useParts(draft);
  return (
    <div className="mapping">
      <Stack gap="lg">
        <Trouble error={error} onRetry={retry} />
        <Select
          label="Object"
          placeholder="What a row becomes"
          allowDeselect={false}
          maw={320}
          data={objects?.map((each) => each.name) ?? []}
          value={chosen || null}
          onChange={(name) => name && name !== chosen && onChange(ofObject(draft, objects!.find((each) => each.name === name)!))}
        />
        {coming && <Skeleton height={260} />}
        {object && columns && (
          <Parts object={object} draft={draft} columns={columns} problems={[...wrong, ...(rehearsing.found?.problems ?? [])]} onChange={onChange} />
        )}
      </Stack>
      <Rehearsed rehearsing={rehearsing} onChoose={setKey} />
    </div>
  );
}


function Parts(props: Parameters<typeof LookUps>[0]) {
  const { object, draft, columns, problems, onChange } = props;
  const types = typesOf(object).map((field) => field.name);
  const lookedUp = [...Object.keys(asObject(draft.look_up)), ...object.look_ups.filter((each) => each.required).map((each) => each.field)];
  const mapped = asObject(draft.fields);
  const matched = Object.keys(asObject(draft.match));
  const fields = object.fields
    .filter((field) => !field.only_looked_up && !types.includes(field.name))
    .filter((field) => field.name in mapped || (!lookedUp.includes(field.name) && !matched.includes(field.name)));
  const own = Object.fromEntries(Object.entries(mapped).filter(([name]) => !types.includes(name)));
  const kept = Object.fromEntries(Object.entries(mapped).filter(([name]) => types.includes(name)));
  return (
    <>
      <Section title="Records" under={object.about}>
        <Records {...props} />
      </Section>
      <Section title="Mappings" under="Which field gets what." action={<Suggest {...props} />}>
        <Fields
          fields={fields}
          specs={own}
          path=""
          place="fields"
          columns={columns}
          problems={problems}
          onChange={(specs) => onChange({ ...draft, fields: { ...kept, ...specs } })}
        />
      </Section>
      {object.look_ups.length > 0 && (
        <Section title="Look-ups" under="Records of other kinds that a row names. What is found is sent by its id.">
          <LookUps {...props} />
        </Section>
      )}
    </>
  );
}

export function Section({ title, under, action, children }: { title: string; under?: string; action?: ReactNode; children: ReactNode }) {
  return (
    <section className="panel section" aria-label={title}>
      <Group justify="space-between" align="flex-start" mb="md" wrap="nowrap">
        <div>
          <Title order={2}>{title}</Title>
          {under && (
            <Text size="sm" c="dimmed">
              {under}
            </Text>
          )}
        </div>
        {action}
      </Group>
      {children}
    </section>
  );
}

function Suggest({ object, draft, onChange }: { object: ObjectType; draft: Draft; onChange: (draft: Draft) => void }) {
  const suggesting = useMutation({
    mutationFn: () => {
      const query = { object: object.name, destination: String(draft.destination) };
      return bodyOf(api.GET("/api/v1/models/{slug}/suggestion", { params: { path: { slug: String(draft.model) }, query } }));
    },
    onSuccess: (found) => onChange(suggested(draft, found, object)),
  });
  const button = useRefocus(suggesting.isPending);
  return (
    <div>
      <Button ref={button} variant="light" leftSection={<IconWand size={16} />} loading={suggesting.isPending} onClick={() => suggesting.mutate()}>
        Suggest mappings
      </Button>
      <Trouble error={suggesting.error} />
      {suggesting.data && <OfLines found={suggesting.data} />}
    </div>
  );
}

/** Columns that belong into the lines of the model before they can be mapped to a field of a line. */
function OfLines({ found: { model, of_lines } }: { found: Schemas["SuggestionShape"] }) {
  if (of_lines.length === 0) return null;
  const named = of_lines.map(({ field, column }) => `${column} (${field.split(".").at(-1)})`).join(", ");
  return (
    <Text size="xs" mt={6} maw={280} role="status">
      To be mapped to a line, {named} must be among the columns of a line{" "}
      <Anchor component={Link} to={`/models/${model}` as string} inherit underline="always">
        in model {model}
      </Anchor>
      .
    </Text>
  );
}
