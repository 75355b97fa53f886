import { Button, Group, Modal, Stack, Text } from "@mantine/core";
import { IconPlayerPlay } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";

import { api, bodyOf } from "../api/client";
import { follow } from "../api/queries";
import { Trouble } from "./Trouble";
import { many } from "./words";

/** So many rows can be named at once. */
const MOST = 1_000;

type Props = { sync: string; keys: string[]; onClear: () => void };

/** Runs a few rows alone, so that somebody can look at them in the books before all others follow. */
export function RunOnly({ sync, keys, onClear }: Props) {
  const navigate = useNavigate();
  const [asking, setAsking] = useState(false);
  const running = useMutation({
    mutationFn: () => bodyOf(api.POST("/api/v1/syncs/{slug}/runs", { params: { path: { slug: sync } }, body: { keys } })),
    onSuccess: async (ticket) => {
      await follow(ticket);
      await navigate({ to: "/syncs/$slug", params: { slug: sync } });
    },
  });
  const rows = many(keys.length, "row");
  const these = keys.length === 1 ? "this row" : "these rows";
  return (
    <Group mb="sm" gap="sm" role="status">
      <Text size="sm">{keys.length > MOST ? `${rows} chosen; ${many(MOST, "row")} at most can be run alone` : `${rows} chosen`}</Text>
      <Button size="compact-sm" leftSection={<IconPlayerPlay size={14} />} disabled={keys.length > MOST} onClick={() => setAsking(true)}>
        Run only {these}
      </Button>
      <Button size="compact-sm" variant="default" onClick={onClear}>
        Choose none
      </Button>
      <Modal opened={asking} onClose={() => setAsking(false)} title={`Run only ${these}`} centered>
        <Stack>
          <Text size="sm">
            {keys.length === 1 ? "It is" : "They are"} read and planned anew, and booked at once, as real as any: nothing of {keys.length === 1 ? "it" : "them"} is
            sent again by later runs. All other rows are left for the next run.
          </Text>
          <Trouble error={running.error} />
          <Group justify="flex-end">
            <Button variant="default" onClick={() => setAsking(false)}>
              Back
            </Button>
            <Button loading={running.isPending} onClick={() => running.mutate()}>
              Run {rows}
            </Button>
          </Group>
        </Stack>
      </Modal>
    </Group>
  );
}
