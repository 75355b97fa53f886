import { Alert, Anchor, Button, List, Text } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";

import { type PlacedProblem, Refusal } from "../api/client";
import { labelOf, messageOf, placeOf, saidOf } from "./problems";
import { remedyOf } from "./remedies";
import { many } from "./words";

type Props = {
  error: unknown;
  onRetry?: () => void;
  /** How the paths of files begin that are not there yet: nobody can look into them. */
  unwritten?: string;
};

/** What went wrong, and what to do about it. */
export function Trouble({ error, onRetry, unwritten }: Props) {
  if (!error) return null;
  const refusal = error instanceof Refusal ? error : null;
  if (refusal?.code === "sign_in_needed") return <SignedOut />;
  const problems = (refusal?.problems ?? []).map((each) => (unwritten && each.path?.startsWith(unwritten) ? { ...each, path: null } : each));
  const message = error instanceof Error ? error.message : String(error);
  return (
    <Alert color="red" variant="light" icon={<IconAlertTriangle size={18} />} title={titleOf(problems) ?? message} role="alert">
      {problems.length === 0 && refusal?.remedy && <Text size="sm">{remedyOf(refusal.code, refusal.remedy)}</Text>}
      {problems.length === 1 && <One problem={problems[0]!} titled />}
      {problems.length > 1 && (
        <List size="sm" spacing={4}>
          {problems.map((each, index) => (
            <List.Item key={index}>
              <One problem={each} />
            </List.Item>
          ))}
        </List>
      )}
      {onRetry && (
        <Button mt="sm" size="xs" variant="default" onClick={onRetry}>
          Try again
        </Button>
      )}
    </Alert>
  );
}

/** The session has ended: another tab signs in again, and what is written here stays. */
function SignedOut() {
  const back = window.location.pathname + window.location.search;
  return (
    <Alert color="yellow" variant="light" icon={<IconAlertTriangle size={18} />} title="You are signed out" role="alert">
      <Text size="sm">
        <Anchor href={`/sign-in?to=${encodeURIComponent(back)}`} target="_blank" size="sm">
          Sign in again
        </Anchor>{" "}
        in another tab, and come back: what you wrote here is kept meanwhile.
      </Text>
    </Alert>
  );
}

/** What is wrong by the name of its field; where that stands in a file is for who knows the file. */
function titleOf(problems: PlacedProblem[]): string | null {
  const [only, ...more] = problems;
  if (!only) return null;
  if (more.length > 0) return `${many(problems.length, "thing")} to put right`;
  return named(only) + messageOf(only);
}

/** Return the name of a problem's field, where what is said of it does not begin with that. */
function named({ field, message }: PlacedProblem): string {
  const label = field ? labelOf(field) : "";
  return label === "" || message.startsWith(label.split(", ").at(-1)!) ? "" : `${label}: `;
}

function One({ problem, titled = false }: { problem: PlacedProblem; titled?: boolean }) {
  const place = placeOf(problem);
  return (
    <>
      {!titled && <b>{named(problem)}</b>}
      {titled ? problem.remedy : saidOf(problem)}
      {place && (
        <Text size="xs" c="dimmed" component="div">
          {place}
        </Text>
      )}
    </>
  );
}
