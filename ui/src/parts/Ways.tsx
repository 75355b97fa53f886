import { Anchor } from "@mantine/core";
import { IconExternalLink } from "@tabler/icons-react";
import { useQuery, useSuspenseQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";

import { file, me } from "../api/queries";
import { isAtLeast } from "../session/roles";
import { connection } from "./Connection";
import type { Way, Whose } from "./remedies";

/** Return what is to be known of a sync, so that ways lead to its model and to what one may do. */
export function useWhose(sync: string, enabled: boolean): Whose {
  const { data: person } = useSuspenseQuery(me);
  const { data: written } = useQuery({ ...file("syncs", sync), enabled, retry: false });
  const { model, destination } = written?.values ?? {};
  const into = typeof destination === "string" ? destination : "";
  const { data: signIn } = useQuery({ ...connection(into), enabled: enabled && into !== "", retry: false });
  return { sync, model: typeof model === "string" ? model : undefined, books: signIn?.page, mayEdit: isAtLeast(person.role, "editor") };
}

/** Links to where something is put right. */
export const Ways = ({ ways }: { ways: Way[] }) => ways.map((way) => <Somewhere key={way.text} way={way} />);

function Somewhere({ way }: { way: Way }) {
  if (way.away) {
    return (
      <Anchor href={way.to} target="_blank" rel="noreferrer" size="sm">
        {way.text} <IconExternalLink size={13} style={{ verticalAlign: -2 }} />
      </Anchor>
    );
  }
  return (
    <Anchor component={Link} to={way.to as "/"} search={(way.tab ? { tab: way.tab } : {}) as never} size="sm">
      {way.text}
    </Anchor>
  );
}
