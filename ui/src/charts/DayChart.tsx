import { useMemo } from "react";

import { type Day, dayData, dayOptions } from "./days";
import Plot from "./Plot";

export default function DayChart({ days, height }: { days: Day[]; height: number }) {
  const data = useMemo(() => dayData(days), [days]);
  return <Plot data={data} height={height} options={dayOptions} />;
}
