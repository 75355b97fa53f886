import { ActionIcon, Alert, Anchor, Button, Group, Menu, Modal, Skeleton, Stack, Text, TextInput } from "@mantine/core";
import { IconDotsVertical, IconPencil, IconTrash } from "@tabler/icons-react";
import { useMutation, useQuery, useSuspenseQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useState } from "react";

import { api, bodyOf, type Schemas } from "../api/client";
import { file as fileQuery, type Kind, me, queries } from "../api/queries";
import { isAtLeast } from "../session/roles";
import { Trouble } from "./Trouble";
import { usersOf } from "./usersOf";
import { many, slugOf } from "./words";

/** The project's own file has neither another name nor an end. */
type Named = Exclude<Kind, "project">;
type File = Schemas["FileShape"] & { kind: Named };
type Asked = "rename" | "delete" | null;

const ONE: Record<Named, string> = {
  sources: "source",
  models: "model",
  destinations: "destination",
  syncs: "sync",
  alerts: "alert",
};

/** What can be done to a file as a whole: another name, and taking it away. Nothing happens without being asked. */
export function ObjectMenu({ file: { kind, ...rest } }: { file: Schemas["FileShape"] }) {
  const file = { ...rest, kind: kind as Named };
  const [asked, setAsked] = useState<Asked>(null);
  const { data: person } = useSuspenseQuery(me);
  const one = ONE[file.kind];
  const mayRename = file.kind !== "destinations" || isAtLeast(person.role, "admin"); // its sign-in moves with it
  return (
    <>
      <Menu position="bottom-end">
        <Menu.Target>
          <ActionIcon variant="default" size={34} aria-label={`More about ${file.slug}`}>
            <IconDotsVertical size={16} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          {mayRename && (
            <Menu.Item leftSection={<IconPencil size={15} />} onClick={() => setAsked("rename")}>
              Rename this {one}
            </Menu.Item>
          )}
          <Menu.Item color="red" leftSection={<IconTrash size={15} />} onClick={() => setAsked("delete")}>
            Delete this {one}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <Modal opened={asked === "rename"} onClose={() => setAsked(null)} title={`Rename ${file.slug}`} centered>
        <Renaming file={file} onBack={() => setAsked(null)} />
      </Modal>
      <Modal opened={asked === "delete"} onClose={() => setAsked(null)} title={`Delete ${file.slug}`} centered>
        <Deleting file={file} onBack={() => setAsked(null)} />
      </Modal>
    </>
  );
}

const SLUG = /^[a-z0-9][a-z0-9_-]*$/;

type Props = { file: File; onBack: () => void };

const KEPT: Record<Named, string> = {
  sources: "The models that read from it go on to do so under its new name.",
  models: "The syncs that read it go on to do so under its new name; nothing is sent again for that.",
  destinations: "It keeps its sign-in. One that syncs write to keeps its name.",
  syncs: "Its runs, its rows, and which records are theirs stay with it; what runs after it goes on to do so.",
  alerts: "Whoever names it goes on to do so under its new name, and messages that wait arrive.",
};

function Renaming({ file: { kind, slug, etag }, onBack }: Props) {
  const navigate = useNavigate();
  const [said, setSaid] = useState(slug);
  const wanted = SLUG.test(said) ? said : slugOf(said);
  const renaming = useMutation({
    mutationFn: () => bodyOf(rename(kind, slug, wanted, etag)),
    onSuccess: async () => {
      await navigate(pageOf(kind, wanted));
      await queries.invalidateQueries();
    },
  });
  return (
    <Stack>
      <TextInput
        data-autofocus
        label="Slug"
        description={wanted === said ? "Its file's name, and how others refer to it." : `Its file's name is then ${wanted || "empty"}.`}
        value={said}
        onChange={(event) => setSaid(event.currentTarget.value)}
      />
      <Text size="sm" c="dimmed">
        {KEPT[kind]}
      </Text>
      <Trouble error={renaming.error} />
      <Group justify="flex-end">
        <Button variant="default" onClick={onBack}>
          Back
        </Button>
        <Button disabled={wanted === "" || wanted === slug} loading={renaming.isPending} onClick={() => renaming.mutate()}>
          Rename
        </Button>
      </Group>
    </Stack>
  );
}

const LEFT: Record<Named, string> = {
  sources: "Nothing in the warehouse changes.",
  models: "Nothing in the warehouse changes.",
  destinations: "Nothing in Xero changes. End its sign-in first, with Disconnect, if it is not to go on.",
  syncs: "Records in Xero stay as they are, and so does what is known of its rows: a sync of the same name goes on from there.",
  alerts: "Messages that wait for it are dropped.",
};

function Deleting({ file: { kind, slug }, onBack }: Props) {
  const navigate = useNavigate();
  // As it is now: what is deleted is what somebody sees here.
  const current = useQuery({ ...fileQuery(kind, slug), staleTime: 0 });
  const users = useQuery({ queryKey: ["users", kind, slug], staleTime: 0, gcTime: 0, queryFn: () => usersOf(kind, slug) });
  const deleting = useMutation({
    mutationFn: () =>
      bodyOf(
        api.DELETE("/api/v1/files/{kind}/{slug}", {
          params: { path: { kind, slug }, header: { "if-match": `"${current.data?.etag}"` } },
        }),
      ),
    onSuccess: async () => {
      await navigate({ to: kind === "syncs" ? "/syncs" : `/${kind}` } as never);
      queries.removeQueries({ queryKey: ["files", kind, slug] });
      await queries.invalidateQueries();
    },
  });
  if (users.error) return <Trouble error={users.error} onRetry={() => void users.refetch()} />;
  if (!users.data || !current.data) return <Skeleton height={80} />;
  const free = users.data.length === 0;
  return (
    <Stack>
      {free ? (
        <Text size="sm">Nothing refers to this {ONE[kind]}.</Text>
      ) : (
        <Alert color="orange" title={`Still used by ${many(users.data.length, "file")}: it cannot be deleted`}>
          {users.data.map((one) => (
            <div key={`${one.kind}/${one.slug}`}>
              <Anchor component={Link} to={`/${one.kind}/${one.slug}` as "/"} size="sm" onClick={onBack}>
                {one.kind}/{one.slug}
              </Anchor>
            </div>
          ))}
        </Alert>
      )}
      <Text size="sm" c="dimmed">
        {LEFT[kind]} Where the project is in git, git still has the file.
      </Text>
      <Trouble error={deleting.error} />
      <Group justify="flex-end">
        <Button variant="default" onClick={onBack} data-autofocus>
          Back
        </Button>
        <Button color="red" disabled={!free} loading={deleting.isPending} onClick={() => deleting.mutate()}>
          Delete
        </Button>
      </Group>
    </Stack>
  );
}

const pageOf = (kind: Named, slug: string) =>
  (kind === "syncs" ? { to: "/syncs/$slug", params: { slug } } : { to: "/$kind/$slug", params: { kind, slug } }) as never;

function rename(kind: Named, slug: string, said: string, etag: string) {
  const header = { "if-match": `"${etag}"` };
  const body = { slug: said };
  if (kind === "syncs") return api.POST("/api/v1/syncs/{slug}/rename", { params: { path: { slug }, header }, body });
  if (kind === "destinations")
    return api.POST("/api/v1/destinations/{slug}/rename", { params: { path: { slug }, header }, body });
  return api.POST("/api/v1/files/{kind}/{slug}/rename", { params: { path: { kind, slug }, header }, body });
}
