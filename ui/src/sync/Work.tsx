import { Alert, Anchor, Button, Group, Loader, Stack, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useQuery, useSuspenseQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useEffect, useRef } from "react";

import { api, bodyOf } from "../api/client";
import { me, queries, tickets, type Ticket } from "../api/queries";
import { Moment } from "../parts/Moment";
import { inApp } from "../parts/remedies";
import { isWaiting, stateOf } from "../parts/runWords";
import { useUnsaved } from "../parts/unsaved";

/** What of a sync waits or is under way; a plan is opened once it is there, and of a run is told how it began and ended. */
export function Work({ slug }: { slug: string }) {
  const navigate = useNavigate();
  const { data: person } = useSuspenseQuery(me);
  const { data: open = [] } = useQuery(tickets(slug));
  const followed = useRef(new Map<string, Ticket>());
  const unsaved = useUnsaved();
  const isWriting = useRef(false);
  useEffect(() => {
    isWriting.current = unsaved;
  }, [unsaved]);
  useEffect(() => {
    const ended = [...followed.current.values()].filter((each) => !open.some(({ id }) => id === each.id));
    for (const ticket of open) {
      const known = followed.current.get(ticket.id);
      if (ticket.work === "run" && isMine(ticket) && ticket.run && ticket.run !== known?.run) tell(ticket, "Run began", ticket.run);
      followed.current.set(ticket.id, ticket);
    }
    for (const ticket of ended) {
      followed.current.delete(ticket.id);
      void queries.invalidateQueries();
      if (!isMine(ticket)) continue;
      if (ticket.work === "plan") void openPlan(ticket.id);
      else void tellEnd(ticket.id);
    }
    function isMine({ asked_by }: Ticket): boolean {
      return asked_by === person.email;
    }
    async function openPlan(id: string) {
      const { run, said, state } = await found(id);
      if (said || !run || state !== "ended") {
        const title = state === "cancelled" ? "The plan was stopped" : "There is no plan";
        return notifications.show({ id, color: "red", autoClose: false, title, message: inApp(said ?? "") });
      }
      const open = () => void navigate({ to: "/syncs/$slug/plans/$plan", params: { slug, plan: run } });
      if (!isWriting.current) return open();
      const link = <Shown to={`/syncs/${slug}/plans/${run}`} text="Look at it" onShow={open} />;
      notifications.show({ id, autoClose: false, title: "The plan is there", message: link });
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
      notifications.show({ id: `${id} ${title}`, color, title, message: <Shown to={`/runs/${run}`} text={`Run ${run} of ${slug}`} onShow={show} /> });
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

/** A link from where the router is not known. */
function Shown({ to, text, onShow }: { to: string; text: string; onShow: () => void }) {
  return (
    <Anchor
      href={to}
      size="sm"
      onClick={(event) => {
        event.preventDefault();
        onShow();
      }}
    >
      {text}
    </Anchor>
  );
}
