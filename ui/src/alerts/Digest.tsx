import { ActionIcon, Button, Group, MultiSelect, Select, Text, TextInput } from "@mantine/core";
import { IconPlus, IconTrash } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";

import { project } from "../api/queries";
import { calledBy } from "../parts/words";
import { ownZone, ZoneSelect } from "../parts/ZoneSelect";
import { asObject, type Draft, withKey } from "../sync/draft";
import { DAYS } from "./QuietHours";

const QUIET = [
  { value: "send", label: "Say so" },
  { value: "skip", label: "Send nothing" },
];

/** When an alert is told what was synced, whether anything is wrong or not. */
export function Digest({ draft, onChange }: { draft: Draft; onChange: (draft: Draft) => void }) {
  const { data: all = [] } = useQuery(project);
  const set = (digest: unknown) => onChange(withKey(draft, "digest", digest));
  const beginning = { at: "07:00", timezone: ownZone() };
  return (
    <section aria-label="Digest">
      <Text size="sm" fw={500}>
        Digest
      </Text>
      <Text size="xs" c="dimmed" mb="xs">
        What was synced, what was not and why, and what it cost: told at its time, whether anything is wrong or not.
      </Text>
      {draft.digest === undefined || draft.digest === null ? (
        <Button size="compact-sm" variant="subtle" leftSection={<IconPlus size={14} />} onClick={() => set(beginning)}>
          Add a digest
        </Button>
      ) : (
        <Times said={asObject(draft.digest)} syncs={all.filter(({ kind }) => kind === "syncs").map(({ slug, about }) => ({ value: slug, label: calledBy(slug, about) }))} onChange={set} />
      )}
    </section>
  );
}

type Times = { said: Record<string, unknown>; syncs: { value: string; label: string }[]; onChange: (said: unknown) => void };

function Times({ said, syncs, onChange }: Times) {
  const set = (key: string, value: unknown) => onChange(withKey(said, key, value));
  const some = (key: string, label: string, data: { value: string; label: string }[], none: string) => {
    const chosen = [said[key] ?? []].flat().map(String);
    const unlisted = chosen.filter((value) => !data.some((each) => each.value === value)).map((value) => ({ value, label: value }));
    return (
      <MultiSelect
        w={220}
        label={label}
        aria-label={`${label}, digest`}
        placeholder={chosen.length > 0 ? "" : none}
        data={[...data, ...unlisted]}
        value={chosen}
        onChange={(values) => set(key, values.length > 0 ? values : undefined)}
      />
    );
  };
  return (
    <Group align="flex-end" gap="xs" className="panel" p="sm">
      <TextInput
        type="time"
        label="At"
        aria-label="At, digest"
        value={String(said.at ?? "07:00")}
        onChange={(event) => set("at", event.currentTarget.value || undefined)}
      />
      <ZoneSelect width={200} of="digest" value={String(said.timezone ?? "UTC")} onChange={(zone) => set("timezone", zone)} />
      {some("days", "On", DAYS, "every day")}
      {some("syncs", "Of", syncs, "all syncs")}
      <Select
        w={210}
        label="When nothing happened"
        aria-label="When nothing happened, digest"
        allowDeselect={false}
        data={QUIET}
        value={String(said.when_quiet ?? "send")}
        onChange={(chosen) => set("when_quiet", chosen === "skip" ? chosen : undefined)}
      />
      <ActionIcon variant="subtle" color="gray" size="lg" aria-label="Remove the digest" onClick={() => onChange(undefined)}>
        <IconTrash size={16} />
      </ActionIcon>
    </Group>
  );
}
