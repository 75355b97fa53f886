import { Alert, Anchor, Button, Code, Group, Modal, Stack, Text } from "@mantine/core";
import { IconBellOff } from "@tabler/icons-react";
import { useMutation, useQuery, useSuspenseQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";

import { alerts, me, project, queries } from "../api/queries";
import { Trouble } from "../parts/Trouble";
import { isAtLeast } from "../session/roles";
import { nameIn, namingOf, type Told, toldOf, WHOLE } from "./naming";
import { isSaid, ToldOf } from "./ToldOf";

/** What an alert is told of, by the files that name it; a warning while there is none. */
export function Hearing({ alert }: { alert: string }) {
  const { data: person } = useSuspenseQuery(me);
  const { data: all } = useQuery(project);
  const [open, setOpen] = useState(false);
  const about = all?.find(({ kind, slug }) => kind === "alerts" && slug === alert)?.about;
  if (!about) return null;
  const namedBy = (about.named_by ?? []) as string[];
  const told = toldOf(namedBy);
  const mayAll = isAtLeast(person.role, "admin");
  const mayChange = isAtLeast(person.role, "editor") && (mayAll || told.way !== "everything");
  return (
    <section aria-label="What it is told of">
      {told.way === "nothing" ? (
        <Alert color="orange" icon={<IconBellOff size={18} />} title={about.named ? "This alert is told of nothing but its digest" : "This alert is told of nothing yet"}>
          <Text size="sm">Nobody hears by it that something is wrong: no sync and no destination names it, and neither do the settings of the project.</Text>
          {mayChange && (
            <Button mt="sm" size="xs" onClick={() => setOpen(true)}>
              Say what it is told of
            </Button>
          )}
        </Alert>
      ) : (
        <Group gap="xs">
          <Text size="sm">
            <b>Told of:</b> {told.way === "everything" ? "everything in the project" : <Files paths={told.files} />}
          </Text>
          {mayChange ? (
            <Button size="compact-xs" variant="default" onClick={() => setOpen(true)}>
              Change what it is told of
            </Button>
          ) : (
            namedBy.includes(WHOLE) && isAtLeast(person.role, "editor") && (
              <Text size="xs" c="dimmed">
                The settings of the project say so; an admin changes them.
              </Text>
            )
          )}
        </Group>
      )}
      <Links alert={alert} />
      <Modal opened={open} onClose={() => setOpen(false)} title={`What ${alert} is told of`} centered>
        <Choosing alert={alert} namedBy={namedBy} mayAll={mayAll} onDone={() => setOpen(false)} />
      </Modal>
    </section>
  );
}

/** Where the links in messages lead, unless everybody can follow them. */
function Links({ alert }: { alert: string }) {
  const { data: all = [] } = useQuery(alerts);
  const view = all.find((each) => each.alert === alert);
  if (!view || view.links_open === "everywhere") return null;
  return (
    <Text size="xs" c="dimmed" mt="xs">
      {view.links_open === "here"
        ? `Links in its messages lead to ${view.links_to}, which opens on the server's own machine only.`
        : "Its messages hold no links: this server does not know where people reach it."}{" "}
      Whoever runs the server says that with <Code>BOOKWARD_URL</Code>.
    </Text>
  );
}

function Files({ paths }: { paths: string[] }) {
  return paths.map((path, index) => (
    <span key={path}>
      {index > 0 && ", "}
      <Anchor component={Link} to={`/${path}` as "/"} size="sm">
        {path}
      </Anchor>
    </span>
  ));
}

type Props = { alert: string; namedBy: string[]; mayAll: boolean; onDone: () => void };

function Choosing({ alert, namedBy, mayAll, onDone }: Props) {
  const [told, setTold] = useState<Told>(() => toldOf(namedBy));
  const saving = useMutation({
    mutationFn: () => nameIn(alert, namedBy, namingOf(told)),
    onSuccess: onDone,
    onSettled: () => queries.invalidateQueries(),
  });
  return (
    <Stack>
      <ToldOf told={told} mayAll={mayAll} onChange={setTold} />
      <Trouble error={saving.error} />
      <Group justify="flex-end">
        <Button variant="default" onClick={onDone}>
          Back
        </Button>
        <Button disabled={!isSaid(told)} loading={saving.isPending} onClick={() => saving.mutate()}>
          Save
        </Button>
      </Group>
    </Stack>
  );
}
