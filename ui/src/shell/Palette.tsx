import { createSpotlight, Spotlight, type SpotlightActionData, type SpotlightActionGroupData } from "@mantine/spotlight";
import { IconSearch } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useMemo } from "react";

import { project } from "../api/queries";
import { calledBy } from "../parts/words";
import { PLACES } from "./places";

export const [store, palette] = createSpotlight();

/** Ctrl K: every page and everything that has a name, by a few letters of it. */
export function Palette() {
  const navigate = useNavigate();
  const { data = [] } = useQuery(project);
  const groups = useMemo<SpotlightActionGroupData[]>(() => {
    const pages: SpotlightActionData[] = PLACES.map(({ to, text, icon: Symbol }) => ({
      id: to,
      label: text,
      leftSection: <Symbol size={17} stroke={1.7} />,
      onClick: () => void navigate({ to: to as string }),
    }));
    const things: SpotlightActionData[] = data.map(({ kind, slug, about }) => ({
      id: `${kind}/${slug}`,
      label: calledBy(slug, about),
      description: [kind.replace(/s$/, ""), ...(calledBy(slug, about) === slug ? [] : [slug])].join(" · "),
      onClick: () => void navigate({ to: `/${kind}/${slug}` as never }),
    }));
    return [
      { group: "Pages", actions: pages },
      { group: "This project", actions: things },
    ];
  }, [data, navigate]);
  return (
    <Spotlight
      store={store}
      actions={groups}
      shortcut={["mod + K"]}
      nothingFound="Nothing has such a name."
      highlightQuery
      limit={12}
      searchProps={{ leftSection: <IconSearch size={17} />, placeholder: "Go to a page, sync, model …", "aria-label": "Go to" }}
    />
  );
}
