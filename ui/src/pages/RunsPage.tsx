import { Button, Select, Skeleton, Group } from "@mantine/core";
import { IconListDetails } from "@tabler/icons-react";
import { useNavigate, useSearch } from "@tanstack/react-router";

import { api, bodyOf } from "../api/client";
import { Empty } from "../parts/Empty";
import { Page } from "../parts/Page";
import { More, usePaged } from "../parts/Paged";
import { RunTable } from "../parts/RunLine";
import { Trouble } from "../parts/Trouble";

const STATES = [
  { value: "running", label: "Running" },
  { value: "done", label: "Done" },
  { value: "failed", label: "Failed" },
  { value: "paused", label: "Paused" },
  { value: "parked", label: "Needed approval" },
  { value: "cancelled", label: "Cancelled" },
  { value: "interrupted", label: "Interrupted" },
];

export function RunsPage() {
  const filter = useSearch({ from: "/inside/runs" });
  const navigate = useNavigate();
  const paged = usePaged(
    ["runs", "pages", filter],
    ({ cursor, limit }) => bodyOf(api.GET("/api/v1/runs", { params: { query: { ...filter, limit, cursor } } })),
    5_000,
  );
  const { found, items } = paged;
  return (
    <Page title="Runs" under="What was written, when, and what became of every row.">
      <Group mb="sm">
        <Select
          aria-label="State"
          placeholder="Every state"
          clearable
          data={STATES}
          value={filter.state ?? null}
          onChange={(state) => void navigate({ to: "/runs", search: { ...filter, state: state ?? undefined } })}
        />
        {filter.sync && (
          <Button variant="default" onClick={() => void navigate({ to: "/runs", search: { state: filter.state } })}>
            {filter.sync} ×
          </Button>
        )}
      </Group>
      <Trouble error={found.error} onRetry={() => void found.refetch()} />
      {found.isPending && <Skeleton height={300} />}
      {found.data && items.length === 0 && (
        <Empty icon={IconListDetails} title="No such run">
          A run begins by hand, on a schedule, or after another sync.
        </Empty>
      )}
      {items.length > 0 && <RunTable runs={items} />}
      <More paged={paged} />
    </Page>
  );
}
