import { Anchor, Badge, Button, Skeleton, Table, Text } from "@mantine/core";
import { type Icon, IconBuildingBank, IconDatabase, IconPlus, IconTable } from "@tabler/icons-react";
import { useQuery, useSuspenseQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams } from "@tanstack/react-router";

import type { Schemas } from "../api/client";
import { me, project } from "../api/queries";
import { Called } from "../parts/Called";
import { Empty } from "../parts/Empty";
import { Page } from "../parts/Page";
import { RowOpener } from "../parts/RowOpener";
import { Trouble } from "../parts/Trouble";
import { many } from "../parts/words";
import { isAtLeast } from "../session/roles";
import { NotFound } from "../shell/NotFound";

type Glance = Schemas["GlanceShape"];
type About = { title: string; one: string; under: string; icon: Icon; empty: string; tell: (about: Glance["about"]) => string };

const KINDS: Record<string, About> = {
  sources: {
    title: "Sources",
    one: "source",
    under: "Where the company's data is.",
    icon: IconDatabase,
    empty: "A source is a warehouse or another store that Bookward only reads from.",
    tell: ({ type }) => String(type ?? ""),
  },
  models: {
    title: "Models",
    one: "model",
    under: "Queries with a key, whose rows can be synced.",
    icon: IconTable,
    empty: "A model is a query of a source with the column, or columns, that tell its rows apart.",
    tell: ({ source, primary_key: key }) => `${String(source ?? "?")} · key ${[key].flat().join(", ")}`,
  },
  destinations: {
    title: "Destinations",
    one: "destination",
    under: "Organisations whose books are written.",
    icon: IconBuildingBank,
    empty: "A destination is one organisation in Xero, to which you sign in once.",
    tell: ({ type }) => String(type ?? ""),
  },
};

export function FilesPage() {
  const { kind } = useParams({ from: "/inside/$kind" });
  const about = KINDS[kind];
  return about ? <Files kind={kind} about={about} /> : <NotFound />;
}

function Files({ kind, about }: { kind: string; about: About }) {
  const { data: person } = useSuspenseQuery(me);
  const found = useQuery(project);
  const add = isAtLeast(person.role, "editor") && (
    <Button component={Link} to={`/${kind}/new` as string} leftSection={<IconPlus size={16} />}>
      Add {about.one}
    </Button>
  );
  const items = found.data?.filter((each) => each.kind === kind);
  return (
    <Page title={about.title} under={about.under} actions={add}>
      <Trouble error={found.error} onRetry={() => void found.refetch()} />
      {found.isPending && <Skeleton height={200} />}
      {items?.length === 0 && (
        <Empty icon={about.icon} title={`No ${about.one} yet`}>
          {about.empty}
        </Empty>
      )}
      {items !== undefined && items.length > 0 && <FileTable items={items} about={about} all={found.data ?? []} />}
    </Page>
  );
}

function FileTable({ items, about, all }: { items: Glance[]; about: About; all: Glance[] }) {
  const navigate = useNavigate();
  const [by, noun] = about.one === "source" ? ["models", "model"] : ["syncs", "sync"];
  const users = (slug: string) => all.filter((each) => each.kind === by && each.about[about.one] === slug).length;
  return (
    <div className="panel scroll-x fits">
      <Table highlightOnHover miw={560}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Name</Table.Th>
            <Table.Th>{about.one === "model" ? "Source, key" : "Type"}</Table.Th>
            <Table.Th className="wide">Used by</Table.Th>
            <Table.Th />
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {items.map(({ kind, slug, about: values, problems }) => (
            <RowOpener key={slug} linked onOpen={() => void navigate({ to: "/$kind/$slug", params: { kind, slug } })}>
              <Table.Td>
                <Anchor
                  component={Link}
                  to={`/${kind}/${slug}` as string}
                  size="sm"
                  fw={500}
                  onClick={(event) => event.stopPropagation()}
                >
                  <Called slug={slug} about={values} />
                </Anchor>
                {typeof values.description === "string" && (
                  <Text size="xs" c="dimmed">
                    {values.description}
                  </Text>
                )}
              </Table.Td>
              <Table.Td>{about.tell(values)}</Table.Td>
              <Table.Td className="wide">{many(users(slug), noun)}</Table.Td>
              <Table.Td ta="right">{problems > 0 && <Badge color="red">{many(problems, "problem")}</Badge>}</Table.Td>
            </RowOpener>
          ))}
        </Table.Tbody>
      </Table>
    </div>
  );
}
