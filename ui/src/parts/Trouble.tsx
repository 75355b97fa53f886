import { Alert, Button, List, Text } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";

import { Refusal } from "../api/client";

/** What went wrong, and what to do about it. */
export function Trouble({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  if (!error) return null;
  const refusal = error instanceof Refusal ? error : null;
  const message = error instanceof Error ? error.message : String(error);
  return (
    <Alert color="red" variant="light" icon={<IconAlertTriangle size={18} />} title={message} role="alert">
      {refusal?.remedy && <Text size="sm">{refusal.remedy}</Text>}
      {refusal !== null && refusal.problems.length > 0 && (
        <List size="sm" mt={6} spacing={4}>
          {refusal.problems.map((each, index) => (
            <List.Item key={index}>
              {each.field && <b>{each.field}: </b>}
              {each.message} {each.remedy}
              {each.line && <Text span c="dimmed">{` (line ${each.line})`}</Text>}
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
