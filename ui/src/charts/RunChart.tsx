import { Text } from "@mantine/core";
import { useMemo } from "react";

import type { Run } from "../api/queries";
import Plot from "./Plot";
import { LANE, lanesOf, timelineOptions } from "./timeline";

const AXIS = 38;

export default function RunChart({ runs, least }: { runs: Run[]; least: number }) {
  const lanes = useMemo(() => lanesOf(runs, Date.now() / 1000), [runs]);
  const options = useMemo(() => timelineOptions(lanes), [lanes]);
  const data = useMemo<[number[], number[]]>(() => [[lanes.from, lanes.to], [0, 0]], [lanes]);
  if (lanes.names.length === 0) {
    return (
      <Text size="sm" c="dimmed" mih={least}>
        Nothing ran in the last 24 hours.
      </Text>
    );
  }
  return <Plot data={data} height={Math.max(least, lanes.names.length * LANE + AXIS)} options={options} />;
}
