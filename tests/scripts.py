"""Calls the browser's scripts that need no page: in Node where it is there, or else in Chromium."""

import json
import shutil
import subprocess
from pathlib import Path
from urllib.parse import urlsplit

DASHBOARD = Path(__file__).resolve().parent.parent / "dashboard"

# Reads a call a line, and answers with what came of it.
LOOP = """
import { createInterface } from "node:readline"
for await (const line of createInterface({ input: process.stdin })) {
  const { names, paths, expression, given } = JSON.parse(line)
  let answer
  try {
    const modules = await Promise.all(paths.map((path) => import(path)))
    const call = new Function(...names, "given", `return ${expression}`)
    answer = { value: (await call(...modules, given)) ?? null }
  } catch (error) {
    answer = { error: String(error.stack) }
  }
  console.log(JSON.stringify(answer))
}
"""

# Statements for an expression: a clock that only `forward` moves on, as what `fakes` names, in
# place from `fake()` to `restore()`.
CLOCK = """
    const breath = globalThis.setTimeout
    const settle = () => new Promise((resolve) => breath(resolve, 2))
    let [now, last] = [0, 0]
    const due = new Map()
    const fakes = {
        setTimeout: (what, wait) => (due.set(++last, { what, at: now + wait }), last),
        clearTimeout: (timer) => due.delete(timer),
        performance: { now: () => now, timeOrigin: 0 },
    }
    const forward = async (until) => {
        await settle()
        for (;;) {
            const waiting = [...due].filter(([, { at }]) => at <= until)
            const [next] = waiting.sort(([, one], [, other]) => one.at - other.at)
            if (!next) break
            now = Math.max(now, next[1].at)
            due.delete(next[0])
            next[1].what()
            await settle()
        }
        now = until
    }
    const before = {}
    const put = (name, how) => Object.defineProperty(globalThis, name, how)
    const fake = () => {
        for (const name in fakes) {
            before[name] = Object.getOwnPropertyDescriptor(globalThis, name)
            put(name, { value: fakes[name], configurable: true, writable: true })
        }
    }
    const restore = () => {
        for (const name in before) before[name] ? put(name, before[name]) : delete globalThis[name]
    }
"""


class Node:
    """The scripts in a process of Node, until `close`."""

    @classmethod
    def found(cls) -> "Node | None":
        """One, if there is a Node that takes our scripts as they are: 20.19, or 22.7 and later."""
        if not shutil.which("node"):
            return None
        node = cls()
        try:
            node.call({"words": "client/saying/words.js"}, "words.capital('a')", {})
        except (AssertionError, OSError, ValueError):
            node.close()
            return None
        return node

    def __init__(self):
        self.process = subprocess.Popen(
            ["node", "--input-type=module", "-e", LOOP],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def call(self, modules: dict[str, str], expression: str, given: dict):
        """What an expression of the modules and of `given` is worth."""
        paths = [(DASHBOARD / path).as_uri() for path in modules.values()]
        call = {"names": list(modules), "paths": paths, "expression": expression, "given": given}
        self.process.stdin.write(json.dumps(call) + "\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline())
        assert "error" not in answer, answer["error"]
        return answer["value"]

    def close(self) -> None:
        """End the process."""
        self.process.stdin.close()
        self.process.wait(10)
        self.process.stdout.close()


class Chromium:
    """The scripts in one page of a browser, until `close`; no server is asked for them."""

    def __init__(self, browser):
        self.page = browser.new_page()
        self.page.route("http://scripts/**", self._send)
        self.page.goto("http://scripts/")

    @staticmethod
    def _send(route) -> None:
        path = DASHBOARD / urlsplit(route.request.url).path.lstrip("/")
        if path.is_file():
            route.fulfill(path=path, content_type="text/javascript")
        else:
            route.fulfill(body="", content_type="text/html")

    def call(self, modules: dict[str, str], expression: str, given: dict):
        """What an expression of the modules and of `given` is worth."""
        loaded = "".join(
            f'const {name} = await import("/{path}"); ' for name, path in modules.items()
        )
        return self.page.evaluate(f"async (given) => {{ {loaded} return {expression} }}", given)

    def close(self) -> None:
        """Close the page."""
        self.page.close()
