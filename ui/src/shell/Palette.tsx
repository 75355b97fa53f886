import { createSpotlight, Spotlight, type SpotlightActionGroupData } from "@mantine/spotlight";
import { IconPlus, IconSearch, IconSettings } from "@tabler/icons-react";
import { useQuery, useSuspenseQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useMemo } from "react";

import { me, project } from "../api/queries";
import { calledBy } from "../parts/words";
import { isAtLeast } from "../session/roles";
import { found } from "./finding";
import { ADDING, PLACES, SETTINGS } from "./places";

export const [store, palette] = createSpotlight();

const ORDER = ["syncs", "models", "sources", "destinations", "alerts"];

/** Ctrl K: every page, everything that has a name, and what can be added, by a few letters of it. */
export function Palette() {
  const navigate = useNavigate();
  const { data: person } = useSuspenseQuery(me);
  const { data = [] } = useQuery(project);
  const groups = useMemo<SpotlightActionGroupData[]>(() => {
    const go = (to: string, search = {}) => void navigate({ to: to as never, search: search as never });
    const pages = PLACES.map(({ to, text, icon: Symbol }) => ({
      id: to,
      label: text,
      leftSection: <Symbol size={17} stroke={1.7} />,
      onClick: () => go(to),
    }));
    const things = data.toSorted((a, b) => ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind)).map(({ kind, slug, about }) => ({
      id: `${kind}/${slug}`,
      label: calledBy(slug, about),
      description: [kind.replace(/s$/, ""), ...(calledBy(slug, about) === slug ? [] : [slug])].join(" · "),
      onClick: () => go(`/${kind}/${slug}`),
    }));
    const adding = ADDING.map(({ kind, text, words }) => ({
      id: `add ${kind}`,
      label: text,
      keywords: words,
      leftSection: <IconPlus size={17} stroke={1.7} />,
      onClick: () => go(`/${kind}/new`),
    }));
    const settings = SETTINGS.filter(({ needs }) => isAtLeast(person.role, needs)).map(({ tab, text }) => ({
      id: `settings ${tab}`,
      label: text,
      description: "settings",
      leftSection: <IconSettings size={17} stroke={1.7} />,
      onClick: () => go("/settings", { tab }),
    }));
    return [
      { group: "Pages", actions: pages },
      { group: "This project", actions: things },
      { group: "Add", actions: isAtLeast(person.role, "editor") ? adding : [] },
      { group: "Settings", actions: settings },
    ];
  }, [data, navigate, person.role]);
  return (
    <Spotlight
      store={store}
      actions={groups}
      filter={found}
      shortcut={["mod + K"]}
      nothingFound="Nothing has such a name."
      highlightQuery
      scrollable
      maxHeight={480}
      searchProps={{ leftSection: <IconSearch size={17} />, placeholder: "Go to a page, sync, model …", "aria-label": "Go to" }}
    />
  );
}
