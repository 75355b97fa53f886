import { Button, Drawer, Group, Select, Text } from "@mantine/core";
import { IconDownload } from "@tabler/icons-react";
import { useVirtualizer } from "@tanstack/react-virtual";
import { type KeyboardEvent, useDeferredValue, useEffect, useMemo, useRef, useState } from "react";

import type { Call } from "../api/live";
import { CallDetail } from "./CallDetail";
import { SearchBox } from "./SearchBox";
import { HttpStatus } from "./State";
import { count } from "./words";

const HEIGHT = 34;
const CLOCK = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });

type Outcome = "all" | "good" | "bad";

/** The live debugger: every call as it happens, smooth at ten thousand. */
export function CallList({ run, calls }: { run: string; calls: Call[] }) {
  const [search, setSearch] = useState("");
  const [outcome, setOutcome] = useState<Outcome>("all");
  const [chosen, setChosen] = useState<number | null>(null);
  const text = useDeferredValue(search).toLowerCase();
  const shown = useMemo(() => calls.filter((call) => isWanted(call, text, outcome)), [calls, text, outcome]);
  return (
    <>
      <Group mb="sm">
        <SearchBox label="Filter the calls" placeholder="Path, purpose, status, error …" value={search} onChange={setSearch} />
        <Select
          w={170}
          aria-label="Outcome"
          allowDeselect={false}
          data={[
            { value: "all", label: "All calls" },
            { value: "good", label: "Answered well" },
            { value: "bad", label: "Not answered well" },
          ]}
          value={outcome}
          onChange={(value) => setOutcome((value ?? "all") as Outcome)}
        />
        <Text size="sm" c="dimmed" className="figures">
          {count(shown.length)} of {count(calls.length)}
        </Text>
        <Group gap="xs" ml="auto">
          {(["har", "ndjson"] as const).map((format) => (
            <Button
              key={format}
              component="a"
              download
              href={`/api/v1/runs/${run}/export?format=${format}`}
              variant="default"
              leftSection={<IconDownload size={15} />}
            >
              {format.toUpperCase()}
            </Button>
          ))}
        </Group>
      </Group>
      <Rows calls={shown} chosen={chosen} onChoose={setChosen} />
      <Drawer
        opened={chosen !== null}
        onClose={() => setChosen(null)}
        position="right"
        size="xl"
        title={`Call ${chosen ?? ""}`}
      >
        {chosen !== null && <CallDetail run={run} number={chosen} />}
      </Drawer>
    </>
  );
}

function Rows({ calls, chosen, onChoose }: { calls: Call[]; chosen: number | null; onChoose: (n: number) => void }) {
  const frame = useRef<HTMLDivElement>(null);
  const follows = useRef(true);
  const top = useRef(0);
  const rows = useVirtualizer({
    count: calls.length,
    getScrollElement: () => frame.current,
    estimateSize: () => HEIGHT,
    overscan: 12,
  });
  useEffect(() => {
    if (follows.current && calls.length > 0) rows.scrollToIndex(calls.length - 1);
  }, [calls.length, rows]);
  const [active, setActive] = useState<number | null>(null);
  const place = Math.max(0, calls.findIndex((call) => call.number === active));
  const pressed = (event: KeyboardEvent) => {
    const to = { ArrowDown: active === null ? 0 : place + 1, ArrowUp: place - 1, Home: 0, End: calls.length - 1 }[event.key];
    const one = calls[to ?? place];
    if (to === undefined && event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    if (!one) return;
    setActive(one.number);
    if (to === undefined) onChoose(one.number);
    else rows.scrollToIndex(to);
  };
  const scrolled = () => {
    const { scrollTop, scrollHeight, clientHeight } = frame.current!;
    // Calls that come while the list moves to its end leave it above that: only who moves up wants to stay.
    if (scrollHeight - scrollTop - clientHeight < HEIGHT * 2) follows.current = true;
    else if (scrollTop < top.current) follows.current = false;
    top.current = scrollTop;
  };
  return (
    <div className="panel">
      <div
        className="calls"
        style={{ height: Math.max(HEIGHT, Math.min(560, rows.getTotalSize())) }}
        ref={frame}
        onScroll={scrolled}
        onKeyDown={pressed}
        role="listbox"
        aria-label="API calls"
        aria-activedescendant={active === null ? undefined : `call-${active}`}
        tabIndex={0}
      >
        <div style={{ height: rows.getTotalSize(), position: "relative" }}>
          {rows.getVirtualItems().map((item) => {
            const call = calls[item.index]!;
            return (
              <div
                key={call.number}
                id={`call-${call.number}`}
                className="call"
                role="option"
                data-active={call.number === active || undefined}
                aria-selected={call.number === chosen}
                style={{ transform: `translateY(${item.start}px)` }}
                onClick={() => {
                  setActive(call.number);
                  onChoose(call.number);
                }}
              >
                <Text span inherit c="dimmed" className="figures">
                  {call.number}
                </Text>
                <span className="figures wide">{CLOCK.format(new Date(call.at))}</span>
                <HttpStatus status={call.status} error={call.error} />
                <span className="mono">{call.method}</span>
                <span className="mono clip" title={call.url}>
                  {pathOf(call.url)}
                </span>
                <span className="figures wide">{call.rows > 0 ? `${count(call.rows)} rows` : ""}</span>
                <span className="figures wide">{count(Math.round(call.duration_ms))} ms</span>
              </div>
            );
          })}
        </div>
      </div>
    </div>
  );
}

function isWanted(call: Call, text: string, outcome: Outcome): boolean {
  const good = call.status !== null && call.status < 400;
  if (outcome !== "all" && good !== (outcome === "good")) return false;
  return text === "" || `${call.method} ${call.url} ${call.purpose} ${call.status} ${call.error}`.toLowerCase().includes(text);
}

/** Return an address without the host, which is the same for all. */
export function pathOf(url: string): string {
  return url.replace(/^https?:\/\/[^/]+/, "");
}
