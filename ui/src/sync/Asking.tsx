import { Button, Group, Modal, Stack, Text } from "@mantine/core";
import { IconAlertTriangle, IconListSearch, IconPlayerPlay } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";

import { api, bodyOf, type Schemas } from "../api/client";
import { follow, type Ticket } from "../api/queries";
import { Trouble } from "../parts/Trouble";
import { useUnsaved } from "../parts/unsaved";
import { many } from "../parts/words";

type Props = { slug: string; standing: Schemas["StandingShape"] | undefined };

/**
 * Before anything of a sync is in the books, its plan is what one should look at, and afterwards whatever rows are not
 * in them; a run is asked about first.
 */
export function Asking({ slug, standing }: Props) {
  const isFirst = standing?.last_run == null;
  const left = Object.values(standing?.waiting ?? {}).reduce((sum, each) => sum + each, 0);
  const [asking, setAsking] = useState(false);
  const unsaved = useUnsaved();
  const asked = (ticket: Ticket | undefined) => {
    setAsking(false);
    return ticket && follow(ticket);
  };
  const params = { path: { slug } };
  const plan = useMutation({
    mutationFn: () => bodyOf(api.POST("/api/v1/syncs/{slug}/plans", { params, body: {} })),
    onSettled: asked,
  });
  const run = useMutation({
    mutationFn: () => bodyOf(api.POST("/api/v1/syncs/{slug}/runs", { params, body: {} })),
    onSettled: asked,
  });
  const [first, second] = isFirst ? ["filled", "default"] : ["default", "filled"];
  const refused = standing?.last_run?.counts.rows_rejected ? standing.last_run.id : null;
  return (
    <>
      <Trouble error={plan.error ?? run.error} />
      {unsaved && (
        <Text size="sm" c="dimmed" role="status">
          Save first, or undo: what is planned and run is the saved file.
        </Text>
      )}
      {left > 0 && (
        <Button
          variant="filled"
          leftSection={<IconAlertTriangle size={16} />}
          component={Link}
          to={(refused ? `/runs/${refused}` : `/syncs/${slug}`) as string}
          search={(refused ? {} : { tab: "rows" }) as never}
        >
          See {many(left, "row")} not synced
        </Button>
      )}
      <Button
        variant={first}
        leftSection={<IconListSearch size={16} />}
        disabled={unsaved}
        loading={plan.isPending}
        onClick={() => plan.mutate()}
      >
        Plan
      </Button>
      <Button variant={left > 0 ? "default" : second} leftSection={<IconPlayerPlay size={16} />} disabled={unsaved} onClick={() => setAsking(true)}>
        Run
      </Button>
      <Modal opened={asking} onClose={() => setAsking(false)} title={`Run ${slug}`} centered>
        <Stack>
          <Text size="sm">
            A run reads the model and books at once what changed since the last run; you see it only afterwards.
            {isFirst && " This sync never ran: every row of the model is new to it."} A plan shows it first, and writes
            nothing.
          </Text>
          <Group justify="flex-end">
            <Button variant="default" onClick={() => setAsking(false)}>
              Back
            </Button>
            <Button variant={first} loading={plan.isPending} onClick={() => plan.mutate()}>
              Plan first
            </Button>
            <Button variant={second} loading={run.isPending} onClick={() => run.mutate()}>
              Run
            </Button>
          </Group>
        </Stack>
      </Modal>
    </>
  );
}
