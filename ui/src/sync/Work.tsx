import { Alert, Anchor, Button, Group, Loader, Stack, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useQuery, useSuspenseQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useEffect, useRef } from "react";

import { api, bodyOf } from "../api/client";
import { me, queries, tickets, type Ticket } from "../api/queries";
import { Moment } from "../parts/Moment";
import { isWaiting, stateOf } from "../parts/runWords";

/** What of a sync waits or is under way; a plan is opened once it is there, and of a run is told how it began and ended. */
export function Work({ slug }: { slug: string }) {
  const navigate = useNavigate();
  const { data: person } = useSuspenseQuery(me);
  const { data: open = [] } = useQuery(tickets(slug));
  const followed = useRef(new Map<string, Ticket>());
  useEffect(() => {
    const ended = [...followed.current.values()].filter((each) => !open.some(({ id }) => id === each.id));
    for (const ticket of open) {
      const known = followed.current.get(ticket.id);
      if (isMine(ticket) && ticket.run && ticket.run !== known?.run) tell(ticket, "Run began", ticket.run);
      followed.current.set(ticket.id, ticket);
    }
    for (const ticket of ended) {
      followed.current.delete(ticket.id);
      void queries.invalidateQueries();
      if (ticket.work === "plan") void openPlan(ticket.id);
      else if (isMine(ticket)) void tellEnd(ticket.id);
    }
    function isMine({ work, asked_by }: Ticket): boolean {
      return work === "run" && asked_by === person.email;
    }
    async function openPlan(id: string) {
      const ticket = await found(id);
      if (ticket.run) void navigate({ to: "/syncs/$slug/plans/$plan", params: { slug, plan: ticket.run } });
    }
    async function tellEnd(id: string) {
      const ticket = await found(id);
      if (!ticket.run) return notifications.show({ id, color: "red", message: ticket.said ?? "It has ended without a run." });
      const run = await bodyOf(api.GET("/api/v1/runs/{id}", { params: { path: { id: ticket.run } } }));
      const [color, text] = stateOf(run);
      tell(ticket, isWaiting(run) ? "A plan waits for approval" : text, run.id, color);
    }
    function tell({ id }: Ticket, title: string, run: string, color?: string) {
      notifications.hide(id);
      const show = () => void navigate({ to: "/runs/$id", params: { id: run } });
      notifications.show({ id: `${id} ${title}`, color, title, message: <RunLink sync={slug} run={run} onShow={show} /> });
    }
  }, [open, navigate, slug, person.email]);
  return (
    <Stack gap="xs" mb={open.length > 0 ? "lg" : 0}>
      {open.map((ticket) => (
        <Alert key={ticket.id} color="ink" icon={ticket.state === "working" ? <Loader size={16} /> : undefined} role="status">
          <Group justify="space-between">
            <Text size="sm">
              <b>{ticket.work === "plan" ? "Plan" : "Run"}</b> {ticket.state === "working" ? "under way" : "waits"} ·{" "}
              {ticket.asked_by ?? ticket.reason} · <Moment at={ticket.asked_at} />
              {ticket.said && ` · ${ticket.said}`}
            </Text>
            {ticket.run && ticket.work === "run" && (
              <Button size="xs" variant="light" component={Link} to={`/runs/${ticket.run}` as string}>
                Watch
              </Button>
            )}
          </Group>
        </Alert>
      ))}
    </Stack>
  );
}

const found = (id: string): Promise<Ticket> => bodyOf(api.GET("/api/v1/tickets/{id}", { params: { path: { id } } }));

/** A link to a run from where the router is not known. */
function RunLink({ sync, run, onShow }: { sync: string; run: string; onShow: () => void }) {
  return (
    <Anchor
      href={`/runs/${run}`}
      size="sm"
      onClick={(event) => {
        event.preventDefault();
        onShow();
      }}
    >
      Run {run} of {sync}
    </Anchor>
  );
}
