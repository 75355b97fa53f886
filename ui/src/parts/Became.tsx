import { Anchor, Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";

import type { Schemas } from "../api/client";
import { Moment } from "./Moment";
import { becameOf } from "./runWords";

type Props = { standing: Schemas["PlanStandingShape"]; approved?: boolean; exact?: boolean };

/** What became of a plan, with a link to the run that has executed it; nothing while it waits. */
export function Became({ standing, approved = false, exact = false }: Props) {
  const said = becameOf(standing, approved ? "Approved" : undefined);
  if (!said) return null;
  return (
    <Text span inherit>
      {said}
      {standing.run && (
        <>
          , run as{" "}
          <Anchor component={Link} to={`/runs/${standing.run}` as string} inherit underline="always" onClick={(event) => event.stopPropagation()}>
            {standing.run}
          </Anchor>
        </>
      )}
      {standing.at && standing.state !== "superseded" && (
        <>
          , <Moment at={standing.at} exact={exact} />
        </>
      )}
    </Text>
  );
}
