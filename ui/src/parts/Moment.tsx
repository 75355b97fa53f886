import { Tooltip } from "@mantine/core";
import { useEffect, useState } from "react";

import { fromNow, moment, wholeMoment } from "./words";

/** A moment: how far away it is, and on a closer look the day, the time and the zone. */
export function Moment({ at, exact = false }: { at: string | null | undefined; exact?: boolean }) {
  const now = useNow(!exact);
  if (!at) return <span>–</span>;
  return (
    <Tooltip label={wholeMoment(at)}>
      <time dateTime={at} className="figures">
        {exact ? moment(at) : fromNow(at, now)}
      </time>
    </Tooltip>
  );
}

function useNow(ticks: boolean): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    if (!ticks) return;
    const timer = setInterval(() => setNow(Date.now()), 10_000);
    return () => clearInterval(timer);
  }, [ticks]);
  return now;
}
