import { Button, Popover, Select, Stack } from "@mantine/core";
import { IconBellOff } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";

import { api } from "../api/client";
import { queries } from "../api/queries";
import { Trouble } from "../parts/Trouble";
import { type Line, wordsOf } from "./states";

const MINUTES = [
  { value: "60", label: "for an hour" },
  { value: "240", label: "for 4 hours" },
  { value: "1440", label: "for a day" },
  { value: "10080", label: "for a week" },
  { value: "", label: "until somebody ends it" },
];

/** Hear nothing of something for some time, or until further notice. */
export function Silencing({ line }: { line: Line }) {
  const [open, setOpen] = useState(false);
  const [minutes, setMinutes] = useState("240");
  const [what, setWhat] = useState(line.trigger ?? "");
  const silencing = useMutation({
    mutationFn: () =>
      api.POST("/api/v1/silences", {
        body: { subject: line.subject, trigger: what === "" ? null : (what as Line["trigger"]), minutes: minutes === "" ? null : Number(minutes) },
      }),
    onSuccess: async () => {
      setOpen(false);
      await queries.invalidateQueries({ queryKey: ["silences"] });
    },
  });
  const triggers = line.trigger === null ? [] : [{ value: line.trigger as string, label: `only ${wordsOf(line.trigger)}` }];
  const name = `Silence ${line.subject}${line.trigger === null ? "" : `, ${wordsOf(line.trigger)}`}`;
  return (
    <Popover opened={open} onChange={setOpen} position="bottom-end" withArrow shadow="md" trapFocus>
      <Popover.Target>
        <Button size="compact-xs" variant="default" leftSection={<IconBellOff size={13} />} aria-label={name} onClick={() => setOpen(!open)}>
          Silence
        </Button>
      </Popover.Target>
      <Popover.Dropdown>
        <Stack gap="sm" w={240}>
          <Select
            label="What"
            allowDeselect={false}
            comboboxProps={{ withinPortal: false }}
            data={[...triggers, { value: "", label: `everything of ${line.subject}` }]}
            value={what}
            onChange={(chosen) => setWhat(chosen ?? "")}
          />
          <Select
            label="How long"
            allowDeselect={false}
            comboboxProps={{ withinPortal: false }}
            data={MINUTES}
            value={minutes}
            onChange={(chosen) => setMinutes(chosen ?? "")}
          />
          <Trouble error={silencing.error} />
          <Button size="xs" loading={silencing.isPending} onClick={() => silencing.mutate()}>
            Silence it
          </Button>
        </Stack>
      </Popover.Dropdown>
    </Popover>
  );
}
