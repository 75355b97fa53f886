import { ActionIcon, Button, Group, MultiSelect, Select, Text, TextInput } from "@mantine/core";
import { IconPlus, IconTrash } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";

import { project } from "../api/queries";
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
  const beginning = { at: "07:00", timezone: Intl.DateTimeFormat().resolvedOptions().timeZone };
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
        <Times said={asObject(draft.digest)} syncs={all.filter(({ kind }) => kind === "syncs").map(({ slug }) => slug)} onChange={set} />
      )}
    </section>
  );
}

type Times = { said: Record<string, unknown>; syncs: string[]; onChange: (said: unknown) => void };

function Times({ said, syncs, onChange }: Times) {
  const set = (key: string, value: unknown) => onChange(withKey(said, key, value));
  const some = (key: string, label: string, data: string[], none: string) => {
    const chosen = [said[key] ?? []].flat().map(String);
    return (
      <MultiSelect
        w={220}
        label={label}
        aria-label={`${label}, digest`}
        placeholder={chosen.length > 0 ? "" : none}
        data={[...new Set([...data, ...chosen])]}
        value={chosen}
        onChange={(values) => set(key, values.length > 0 ? values : undefined)}
      />
    );
  };
  const text = (key: string, label: string, width: number, otherwise: string) => (
    <TextInput
      w={width}
      label={label}
      aria-label={`${label}, digest`}
      placeholder={otherwise}
      value={String(said[key] ?? "")}
      onChange={(event) => set(key, event.currentTarget.value || undefined)}
    />
  );
  return (
    <Group align="flex-end" gap="xs" className="panel" p="sm">
      {text("at", "At", 80, "07:00")}
      {text("timezone", "Time zone", 170, "UTC")}
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
