import { Alert, Button, List, Text } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";

import { type PlacedProblem, Refusal } from "../api/client";
import { labelOf, messageOf, placeOf, saidOf } from "./problems";
import { remedyOf } from "./remedies";
import { many } from "./words";

/** What went wrong, and what to do about it. */
export function Trouble({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  if (!error) return null;
  const refusal = error instanceof Refusal ? error : null;
  const problems = refusal?.problems ?? [];
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

/** What is wrong by the name of its field; where that stands in a file is for who knows the file. */
function titleOf(problems: PlacedProblem[]): string | null {
  const [only, ...more] = problems;
  if (!only) return null;
  if (more.length > 0) return `${many(problems.length, "thing")} to put right`;
  return only.field ? `${labelOf(only.field)}: ${messageOf(only)}` : only.message;
}

function One({ problem, titled = false }: { problem: PlacedProblem; titled?: boolean }) {
  const place = placeOf(problem);
  return (
    <>
      {!titled && problem.field && <b>{labelOf(problem.field)}: </b>}
      {titled ? problem.remedy : saidOf(problem)}
      {place && (
        <Text size="xs" c="dimmed" component="div">
          {place}
        </Text>
      )}
    </>
  );
}
