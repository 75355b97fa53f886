import { Badge, Button, Group, Stack, Text, Title } from "@mantine/core";
import { IconFilter, IconFilterOff } from "@tabler/icons-react";
import { useState } from "react";

import type { Schemas } from "../api/client";
import { remedyOf, valuesOf, waysOf, type Way } from "./remedies";
import { useWhose, Ways } from "./Ways";
import { count, many } from "./words";

export type Reason = Schemas["ReasonShape"];

const FIRST = 4;

type Props = { sync: string; reasons: Reason[]; chosen: string | null; onChoose: (id: string | null) => void };

/** Why rows were not synced, most rows first: what to do, where, and a filter for the rows. */
export function Reasons({ sync, reasons, chosen, onChoose }: Props) {
  const whose = useWhose(sync, reasons.length > 0);
  const [all, setAll] = useState(false);
  if (reasons.length === 0) return null;
  const shown = all ? reasons : reasons.filter((each, place) => place < FIRST || each.id === chosen);
  return (
    <section aria-labelledby="reasons" className="panel reasons">
      <Title order={2} id="reasons" size="sm" className="reason">
        {many(
          reasons.reduce((sum, each) => sum + each.rows, 0),
          "row",
        )}{" "}
        not synced, for {many(reasons.length, "reason")}
      </Title>
      {shown.map((reason) => (
        <OneReason
          key={reason.id}
          reason={reason}
          ways={waysOf(reason.code, whose)}
          isChosen={reason.id === chosen}
          onChoose={() => onChoose(reason.id === chosen ? null : reason.id)}
        />
      ))}
      {shown.length < reasons.length && (
        <Button variant="subtle" size="xs" m="xs" onClick={() => setAll(true)}>
          {many(reasons.length - shown.length, "more reason")}
        </Button>
      )}
    </section>
  );
}

type OneProps = { reason: Reason; ways: Way[]; isChosen: boolean; onChoose: () => void };

function OneReason({ reason, ways, isChosen, onChoose }: OneProps) {
  return (
    <div className="reason" data-chosen={isChosen || undefined}>
      <Group justify="space-between" align="flex-start" wrap="nowrap" gap="md">
        <Stack gap={4} miw={0}>
          <Text size="sm" fw={500}>
            <span className="figures">{many(reason.rows, "row")}</span>: {reason.message}
          </Text>
          {Object.keys(reason.values).length > 0 && (
            <Text size="sm" c="dimmed" className="figures">
              {valuesOf(reason)}
            </Text>
          )}
          <Text size="sm">{remedyOf(reason.code, reason.remedy)}</Text>
          <Group gap="md">
            {Object.entries(reason.statuses).map(([status, rows]) => (
              <Badge key={status} color="gray">
                {count(rows)} {status}
              </Badge>
            ))}
            <Ways ways={ways} />
            <Text size="xs" c="dimmed" className="mono">
              {reason.code}
              {reason.field && ` · ${reason.field}`}
            </Text>
          </Group>
        </Stack>
        <Button
          size="compact-sm"
          variant={isChosen ? "filled" : "default"}
          aria-pressed={isChosen}
          leftSection={isChosen ? <IconFilterOff size={14} /> : <IconFilter size={14} />}
          style={{ flex: "none" }}
          onClick={onChoose}
        >
          {isChosen ? "Show all" : "Show these"}
        </Button>
      </Group>
    </div>
  );
}
