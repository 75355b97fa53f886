import { createRootRoute, createRoute, createRouter, lazyRouteComponent, Outlet, redirect } from "@tanstack/react-router";

import { Refusal } from "./api/client";
import { me, queries } from "./api/queries";
import { Overview } from "./pages/Overview";
import { Trouble } from "./parts/Trouble";
import { NotFound } from "./shell/NotFound";
import { Shell } from "./shell/Shell";

const root = createRootRoute({ component: Outlet, notFoundComponent: NotFound });

const signIn = createRoute({
  getParentRoute: () => root,
  path: "/sign-in",
  component: lazyRouteComponent(() => import("./session/SignIn"), "SignIn"),
  validateSearch: (search): { to?: string } => (typeof search.to === "string" ? { to: search.to } : {}),
});

const join = createRoute({ getParentRoute: () => root, path: "/join", component: lazyRouteComponent(() => import("./session/Join"), "Join") });

const inside = createRoute({
  getParentRoute: () => root,
  id: "inside",
  component: Shell,
  beforeLoad: async ({ location }) => {
    try {
      await queries.fetchQuery(me); // asks again when the session may have ended meanwhile
    } catch (error) {
      if (error instanceof Refusal && error.status === 401) {
        throw redirect({ to: "/sign-in", search: location.href === "/" ? {} : { to: location.href } });
      }
      if (queries.getQueryData(me.queryKey) === undefined) throw error;
    }
  },
  errorComponent: ({ error, reset }) => (
    <div className="bare">
      <Trouble error={error} onRetry={reset} />
    </div>
  ),
});

/** A page of something that is there has tabs; the page that adds one has steps instead, and may begin with a model. */
const tabOrStep = (search: Record<string, unknown>): { tab?: string; step?: number; model?: string; state?: string } => ({
  ...(typeof search.tab === "string" ? { tab: search.tab } : {}),
  ...(typeof search.step === "number" ? { step: search.step } : {}),
  ...(typeof search.model === "string" ? { model: search.model } : {}),
  ...(typeof search.state === "string" ? { state: search.state } : {}),
});

const overview = createRoute({ getParentRoute: () => inside, path: "/", component: Overview });
const syncs = createRoute({ getParentRoute: () => inside, path: "/syncs", component: lazyRouteComponent(() => import("./pages/SyncsPage"), "SyncsPage") });
const sync = createRoute({
  getParentRoute: () => inside,
  path: "/syncs/$slug",
  component: lazyRouteComponent(() => import("./pages/SyncPage"), "SyncPage"),
  validateSearch: tabOrStep,
});
const plan = createRoute({
  getParentRoute: () => inside,
  path: "/syncs/$slug/plans/$plan",
  component: lazyRouteComponent(() => import("./pages/PlanPage"), "PlanPage"),
});
const alerts = createRoute({
  getParentRoute: () => inside,
  path: "/alerts",
  component: lazyRouteComponent(() => import("./pages/AlertsPage"), "AlertsPage"),
  validateSearch: (search): { tab?: string } => (typeof search.tab === "string" ? { tab: search.tab } : {}),
});
const files = createRoute({ getParentRoute: () => inside, path: "/$kind", component: lazyRouteComponent(() => import("./pages/FilesPage"), "FilesPage") });
const file = createRoute({
  getParentRoute: () => inside,
  path: "/$kind/$slug",
  component: lazyRouteComponent(() => import("./pages/FilePage"), "FilePage"),
  validateSearch: tabOrStep,
});
const runs = createRoute({
  getParentRoute: () => inside,
  path: "/runs",
  component: lazyRouteComponent(() => import("./pages/RunsPage"), "RunsPage"),
  validateSearch: (search): { state?: string; sync?: string } => ({
    ...(typeof search.state === "string" ? { state: search.state } : {}),
    ...(typeof search.sync === "string" ? { sync: search.sync } : {}),
  }),
});
const run = createRoute({
  getParentRoute: () => inside,
  path: "/runs/$id",
  component: lazyRouteComponent(() => import("./pages/RunPage"), "RunPage"),
  validateSearch: (search): { tab?: string } => (typeof search.tab === "string" ? { tab: search.tab } : {}),
});
const settings = createRoute({
  getParentRoute: () => inside,
  path: "/settings",
  component: lazyRouteComponent(() => import("./pages/SettingsPage"), "SettingsPage"),
  validateSearch: (search): { tab?: string } => (typeof search.tab === "string" ? { tab: search.tab } : {}),
});

export const router = createRouter({
  routeTree: root.addChildren([
    signIn,
    join,
    inside.addChildren([overview, syncs, sync, plan, runs, run, settings, alerts, files, file]),
  ]),
  defaultPreload: "intent",
  scrollRestoration: true,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
