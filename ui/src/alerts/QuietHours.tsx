import { ActionIcon, Button, Group, MultiSelect, Select, Stack, Text, TextInput } from "@mantine/core";
import { IconPlus, IconTrash } from "@tabler/icons-react";

import { ownZone, ZoneSelect } from "../parts/ZoneSelect";
import { asObject, type Draft, withKey } from "../sync/draft";

export const DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"].map((value) => ({
  value,
  label: value.charAt(0).toUpperCase() + value.slice(1),
}));
const CRITICAL = [
  { value: "send", label: "Send what is critical" },
  { value: "hold", label: "Hold that back too" },
];

/** Times in which an alert is not told of what can wait. */
export function QuietHours({ draft, onChange }: { draft: Draft; onChange: (draft: Draft) => void }) {
  const all = Array.isArray(draft.quiet_hours) ? (draft.quiet_hours as unknown[]) : [];
  const set = (hours: unknown[]) => onChange(withKey(draft, "quiet_hours", hours.length > 0 ? hours : undefined));
  const beginning = { begin: "22:00", end: "07:00", timezone: ownZone() };
  return (
    <section aria-label="Quiet hours">
      <Text size="sm" fw={500}>
        Quiet hours
      </Text>
      <Text size="xs" c="dimmed" mb="xs">
        What can wait is held back, and not told at all where it is over by their end.
      </Text>
      <Stack gap="sm">
        {all.map((one, place) => (
          <One
            key={place}
            said={asObject(one)}
            name={all.length > 1 ? `quiet hours ${place + 1}` : "quiet hours"}
            onChange={(said) => set(all.map((each, at) => (at === place ? said : each)))}
            onRemove={() => set(all.filter((_, at) => at !== place))}
          />
        ))}
        <Button size="compact-sm" variant="subtle" w="fit-content" leftSection={<IconPlus size={14} />} onClick={() => set([...all, beginning])}>
          Add quiet hours
        </Button>
      </Stack>
    </section>
  );
}

type One = { said: Record<string, unknown>; name: string; onChange: (said: Record<string, unknown>) => void; onRemove: () => void };

function One({ said, name, onChange, onRemove }: One) {
  const time = (key: string, words: string) => (
    <TextInput
      type="time"
      label={words}
      aria-label={`${words}, ${name}`}
      value={String(said[key] ?? "")}
      onChange={(event) => onChange(withKey(said, key, event.currentTarget.value || undefined))}
    />
  );
  const days = [said.days ?? []].flat().map(String);
  return (
    <Group align="flex-end" gap="xs" className="panel" p="sm">
      {time("begin", "From")}
      {time("end", "To")}
      <ZoneSelect width={200} of={name} value={String(said.timezone ?? "UTC")} onChange={(zone) => onChange(withKey(said, "timezone", zone))} />
      <MultiSelect
        w={200}
        label="On"
        aria-label={`Days, ${name}`}
        placeholder={days.length > 0 ? "" : "every day"}
        data={DAYS}
        value={days}
        onChange={(chosen) => onChange(withKey(said, "days", chosen.length > 0 ? chosen : undefined))}
      />
      <Select
        w={200}
        label="Critical"
        aria-label={`Critical, ${name}`}
        allowDeselect={false}
        data={CRITICAL}
        value={String(said.critical ?? "send")}
        onChange={(chosen) => onChange(withKey(said, "critical", chosen === "hold" ? chosen : undefined))}
      />
      <ActionIcon variant="subtle" color="gray" size="lg" aria-label={`Remove ${name}`} onClick={onRemove}>
        <IconTrash size={16} />
      </ActionIcon>
    </Group>
  );
}
