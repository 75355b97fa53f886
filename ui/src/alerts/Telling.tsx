import { Anchor, Group, MultiSelect, Select, SimpleGrid, Stack, Text, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";

import { api, bodyOf } from "../api/client";
import { read } from "../api/exact";
import { project } from "../api/queries";
import { asObject, type Draft, withKey } from "../sync/draft";
import { titleOf, wordsOf } from "./states";

type Props = { draft: Draft; onChange: (draft: Draft) => void };

/** Who is told that something is wrong with a sync or destination, and from where on. */
export function Telling({ draft, onChange }: Props) {
  const { data: all } = useQuery(project);
  const chosen = [draft.alerts ?? []].flat().map(String);
  const known = (all ?? []).filter((each) => each.kind === "alerts").map((each) => each.slug);
  return (
    <Stack>
      {all && known.length === 0 && chosen.length === 0 ? (
        <NoAlert />
      ) : (
        <MultiSelect
          label="Alerts"
          description="Who is told that something is wrong, beside those whom the other files name."
          placeholder={chosen.length > 0 ? "" : "None"}
          data={[...new Set([...known, ...chosen])]}
          value={chosen}
          onChange={(slugs) => onChange(withKey(draft, "alerts", slugs.length > 0 ? slugs : undefined))}
        />
      )}
      <Thresholds draft={draft} onChange={onChange} />
    </Stack>
  );
}

function NoAlert() {
  return (
    <div>
      <Text size="sm" fw={500}>
        Alerts
      </Text>
      <Text size="sm" c="dimmed">
        Nobody can be told yet that something is wrong: an alert says who is, and how.{" "}
        <Anchor component={Link} to={"/alerts/new" as "/"} size="sm" underline="always">
          Add alert
        </Anchor>
      </Text>
    </div>
  );
}

const WAYS = [
  { value: "above", label: "As usual" },
  { value: "off", label: "Off" },
  { value: "levels", label: "From here on" },
];

function Thresholds({ draft, onChange }: Props) {
  const { data } = useQuery(triggers);
  const said = asObject(draft.triggers);
  const set = (name: string, value: unknown) => {
    const all = withKey(said, name, value);
    onChange(withKey(draft, "triggers", Object.keys(all).length > 0 ? all : undefined));
  };
  return (
    <details className="thresholds">
      <summary>
        <Text span size="sm" fw={500}>
          Thresholds
        </Text>{" "}
        <Text span size="sm" c="dimmed">
          {Object.keys(said).length === 0 ? "none of its own" : Object.keys(said).map(wordsOf).join(", ")}
        </Text>
      </summary>
      <Stack mt="sm">
        <Text size="xs" c="dimmed">
          What is set for a sync counts before what is set for its destination, and that before what is set for the whole project. A
          number is written as 10, a share as 5%, a time as 90m (minutes), 4h (hours) or 2d (days).
        </Text>
        {data?.map(({ name, about }) => (
          <Threshold key={name} name={name} about={about} said={said[name]} onChange={(value) => set(name, value)} />
        ))}
      </Stack>
    </details>
  );
}

type One = { name: string; about: string; said: unknown; onChange: (value: unknown) => void };

function Threshold({ name, about, said, onChange }: One) {
  const levels = asObject(said);
  const way = said === undefined || said === null ? "above" : said === "off" ? "off" : "levels";
  const words = wordsOf(name);
  const level = (which: "warning" | "critical") => (
    <TextInput
      aria-label={`${words}: ${which}`}
      placeholder={which}
      value={String(levels[which] ?? "")}
      onChange={(event) => onChange(withKey(levels, which, valueOf(event.currentTarget.value)))}
    />
  );
  return (
    <div>
      <SimpleGrid cols={{ base: 1, sm: 2 }}>
        <div>
          <Text size="sm" fw={500}>
            {titleOf(name)}
          </Text>
          <Text size="xs" c="dimmed">
            {about}
          </Text>
        </div>
        <Group grow wrap="nowrap" align="flex-start" gap="xs">
          <Select
            aria-label={`${words}: when`}
            allowDeselect={false}
            data={WAYS}
            value={way}
            onChange={(chosen) => onChange(chosen === "levels" ? {} : chosen === "off" ? "off" : undefined)}
          />
          {way === "levels" && level("warning")}
          {way === "levels" && level("critical")}
        </Group>
      </SimpleGrid>
    </div>
  );
}

/** Return what a threshold is written as: a number where it is one, else a share or a time. */
const valueOf = (text: string): unknown => (text === "" ? undefined : /^(0|[1-9]\d*)(\.\d+)?$/.test(text) ? read(text) : text);

const triggers = {
  queryKey: ["schemas", "syncs", "triggers"],
  staleTime: Infinity,
  queryFn: async () => {
    const schema = await bodyOf(api.GET("/api/v1/schemas/{kind}", { params: { path: { kind: "syncs" } } }));
    const { properties } = asObject(asObject(asObject(schema).$defs).Triggers);
    return Object.entries(asObject(properties)).map(([name, one]) => ({ name, about: String(asObject(one).description ?? "") }));
  },
};
