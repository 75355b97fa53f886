import { Badge, Group, Loader, Text } from "@mantine/core";

import type { Schemas } from "../api/client";
import { stateOf } from "./runWords";

/** How a run stands, or what became of its plan. */
export function RunState({ run }: { run: Schemas["RunShape"] }) {
  const [color, text] = stateOf(run);
  return (
    <Badge color={color} leftSection={run.state === "running" ? <Loader size={9} color={color} /> : undefined}>
      {text}
    </Badge>
  );
}

const HEALTH: Record<Schemas["SyncHealth"], [color: string, text: string]> = {
  new: ["var(--mantine-color-gray-5)", "Never run"],
  running: ["var(--mantine-color-ink-6)", "Running"],
  good: ["var(--mantine-color-teal-6)", "All is well"],
  attention: ["var(--mantine-color-yellow-6)", "Needs attention"],
  broken: ["var(--mantine-color-red-6)", "Broken"],
};

/** How a sync stands, in a dot and a word. */
export function Health({ health }: { health: Schemas["SyncHealth"] }) {
  const [color, text] = HEALTH[health];
  return (
    <Group gap={8} wrap="nowrap">
      <span className="dot" style={{ "--dot": color } as React.CSSProperties} />
      <Text size="sm">{text}</Text>
    </Group>
  );
}

const OUTCOMES: Record<string, string> = {
  accepted: "teal",
  adopted: "teal",
  unchanged: "gray",
  assumed: "gray",
  pending: "ink",
  rejected: "red",
  uncertain: "orange",
  parked: "orange",
  skipped: "gray",
};

/** What became of a row, or where it stands. */
export function RowState({ state }: { state: string }) {
  return <Badge color={OUTCOMES[state] ?? "gray"}>{state}</Badge>;
}

const LEVELS: Record<Schemas["Level"], string> = { ok: "teal", warning: "yellow", critical: "red" };

/** How bad something is. */
export function Level({ level }: { level: Schemas["Level"] }) {
  return <Badge miw="max-content" color={LEVELS[level]}>{level.toUpperCase()}</Badge>;
}

/** The status of an answer. */
export function HttpStatus({ status, error }: { status: number | null; error: string | null }) {
  const color = status === null ? "red" : status < 300 ? "teal" : status < 400 ? "gray" : status === 429 ? "yellow" : "red";
  return (
    <Badge color={color} className="figures" title={error ?? undefined}>
      {status ?? "no answer"}
    </Badge>
  );
}
