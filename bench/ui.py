"""How heavy the web app is, how soon it can be used, and whether the live debugger keeps up.

    python bench/ui.py                            # two minutes; needs Chromium (make peers) and the built app
    python bench/ui.py --calls 300 --seconds 2    # smaller; not kept in bench/RESULTS.md

A headless Chromium opens the app from a server of its own process over the loopback, with nothing cached.
"Can be used" is when the overview stands there and no script has kept the page busy since. The memory is the
JavaScript heap of the debugger's tab after a collection. A frame is dropped when the screen, at 60 frames a
second, has to show the one before it once more.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from shutil import which
from statistics import median
from threading import Thread
from typing import Any

import api_state
import results
from api import serving
from playwright.sync_api import Browser, Page, expect, sync_playwright

from bookward.app import App
from bookward.store.store import Store

SYNCS, RUNS = 20, 200
CALLS, SECONDS, CALLS_A_SECOND = 10_000, 20, 200
LOADS = 5
WEIGHT_GOAL, READY_GOAL = 350, 1.0  # kB, seconds
FRAME = 1000 / 60  # ms

# Tells when a heading stood there and when the last long task ended, in ms since the navigation.
_WATCH = """
window.ready = {shown: 0, busy: 0};
new PerformanceObserver(list => { for (const one of list.getEntries())
    window.ready.busy = one.startTime + one.duration; }).observe({type: "longtask", buffered: true});
new MutationObserver((_, watching) => { if (document.querySelector("main h1, h1")) {
    window.ready.shown = performance.now(); watching.disconnect(); } }
).observe(document, {childList: true, subtree: true});
"""
_FRAMES = """seconds => new Promise(done => {
    const gaps = [];
    let last = performance.now();
    const end = last + seconds * 1000;
    const frame = now => {
        gaps.push(now - last);
        last = now;
        now < end ? requestAnimationFrame(frame) : done(gaps.slice(1));
    };
    requestAnimationFrame(frame);
})"""


def main() -> int:
    """Measure, print and keep; return 1 when a goal is missed."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--calls", type=int, default=CALLS, help="that the debugger shows")
    parser.add_argument("--seconds", type=int, default=SECONDS, help="so long calls stream in")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bookward-bench-") as folder:
        root = Path(folder) / "project"
        environ = {"BOOKWARD_KEY_FILE": f"{folder}/key"}
        api_state.write_project(root, SYNCS)
        with (
            closing(App(root, environ=environ)) as app,
            api_state.opened(root, environ) as store,
            serving(root, environ, api_state.tokens(app)) as server,
            chromium() as browser,
        ):
            api_state.write_past(store, SYNCS, RUNS, 0)
            url = f"http://localhost:{server.port}"
            loads = [load(browser, url) for _ in range(LOADS)]
            run = api_state.new_run(store)
            for _ in range(options.calls):
                store.calls.record(api_state.call(run, datetime.now(UTC)))
            heap = debugger_heap(browser, url, run, options.calls)
            gaps = frames(browser, url, store, run, options.seconds)
    lines, good = report(loads, heap, gaps, options.calls)
    table = results.table(("what", "found", "goal", ""), lines)
    print(table)
    if (options.calls, options.seconds) == (CALLS, SECONDS):
        note = f"{SYNCS} syncs, {RUNS} runs; Chromium without a window, over the loopback, nothing cached."
        results.keep("The web app", "python bench/ui.py", note, table)
    return not good


def report(
    loads: Sequence[tuple[float, float]], heap: float, gaps: Sequence[float], calls: int
) -> tuple[list[tuple[str, ...]], bool]:
    """Return the lines of the table, and whether all goals are met.

    Args:
        loads: kB and seconds of each first load.
        heap: MB of the debugger's tab.
        gaps: ms from each frame to the next.
        calls: that the tab showed.
    """
    weight, ready = median(kb for kb, _ in loads), median(seconds for _, seconds in loads)
    dropped = sum(max(0, round(gap / FRAME) - 1) for gap in gaps)
    met = {True: "met", False: "MISSED"}
    lines = [
        (
            "first load, compressed",
            f"{weight:.0f} kB",
            f"under {WEIGHT_GOAL} kB",
            met[weight < WEIGHT_GOAL],
        ),
        ("until it can be used", f"{ready:.2f} s", f"under {READY_GOAL:g} s", met[ready < READY_GOAL]),
        (f"heap of the debugger at {calls:,} calls", f"{heap:.1f} MB", "", ""),
        (
            f"frames dropped at {CALLS_A_SECOND} calls a second",
            f"{dropped} of {dropped + len(gaps)}",
            "",
            "",
        ),
        ("longest time between two frames then", f"{max(gaps):.0f} ms", "", ""),
    ]
    return lines, weight < WEIGHT_GOAL and ready < READY_GOAL


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start the browser."""
    path = which("chromium")
    if path is None:
        raise SystemExit("Chromium is missing: make peers")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


@contextmanager
def opened(browser: Browser, url: str) -> Iterator[Page]:
    """Open a page with nothing cached, signed in."""
    with closing(browser.new_context(base_url=url, viewport={"width": 1280, "height": 860})) as context:
        said = {"email": api_state.EMAIL, "password": api_state.PASSWORD}
        if not context.request.post("/api/v1/session", data=said).ok:
            raise SystemExit("The server does not let the bench sign in.")
        yield context.new_page()


def load(browser: Browser, url: str) -> tuple[float, float]:
    """Return the kB on the wire of a first load, and the seconds until the page can be used."""
    received: list[float] = []
    with opened(browser, url) as page:
        page.add_init_script(_WATCH)
        devtools = page.context.new_cdp_session(page)
        devtools.on("Network.loadingFinished", lambda one: received.append(one["encodedDataLength"]))
        devtools.send("Network.enable")
        page.goto("/", wait_until="networkidle")
        expect(page.get_by_role("heading", name="Overview")).to_be_visible()
        ready: dict[str, float] = page.evaluate("window.ready")
    return sum(received) / 1000, max(ready["shown"], ready["busy"]) / 1000


def debugger_heap(browser: Browser, url: str, run: str, calls: int) -> float:
    """Return the MB of JavaScript's heap when the debugger shows all calls of a run."""
    with opened(browser, url) as page:
        devtools = watching(page, run, calls)
        devtools.send("HeapProfiler.collectGarbage")
        used: float = devtools.send("Runtime.getHeapUsage")["usedSize"]
    return used / 1e6


def frames(browser: Browser, url: str, store: Store, run: str, seconds: int) -> list[float]:
    """Return the ms from frame to frame while calls stream into the debugger."""
    with opened(browser, url) as page:
        watching(page, run, store.calls.count(run))
        recording = Thread(target=_record, args=(store, run, seconds + 1))
        recording.start()
        gaps: list[float] = page.evaluate(_FRAMES, seconds)
        recording.join()
    return gaps


def watching(page: Page, run: str, calls: int) -> Any:
    """Open the debugger on a run, and return the browser's own tools when all its calls are there."""
    page.goto(f"/runs/{run}?tab=calls")
    expect(page.get_by_text(f"{calls:,} of {calls:,}")).to_be_visible(timeout=60_000)
    return page.context.new_cdp_session(page)


def _record(store: Store, run: str, seconds: int) -> None:
    began = time.monotonic()
    for number in range(CALLS_A_SECOND * seconds):
        store.calls.record(api_state.call(run, datetime.now(UTC)))
        time.sleep(max(0.0, began + number / CALLS_A_SECOND - time.monotonic()))


if __name__ == "__main__":
    sys.exit(main())
