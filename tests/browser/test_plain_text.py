"""Text of others is shown as it is: no link, no formula, no emphasis is made of it."""

from dataclasses import replace
from urllib.parse import quote

import pytest
from playwright.sync_api import expect

from core import RunConfig, RunState
from core.run.owner import Owner
from tests.siamese import weighted

pytestmark = pytest.mark.browser

HOSTILE = "[x](./map) *a* $b$ _c_ <d> :red[e]"


def check(told):
    expect(told).to_contain_text(HOSTILE)
    assert told.locator("a, em, code, .katex, span[class*=red]").count() == 0


@pytest.mark.parametrize(
    "query", ["run={}", "trunk={}", "map?map={}", "map?point={}", "compare?runs={}", "runs?runs={}"]
)
def test_what_an_address_asks_for_is_told_as_it_is(page, query):
    page.goto("/" + (query if "?" in query else "?" + query).format(quote(HOSTILE)))
    check(page.get_by_test_id("stAlert"))


def test_a_name_of_a_run_is_told_as_it_is(page, trainer, store):
    run = trainer.start_map(RunConfig(steps=1), resolution=1)
    trainer.wait(run, 90)
    store.rename(run, HOSTILE)
    page.goto(f"/?run={run}")
    told = page.get_by_test_id("stAlert")
    expect(told).to_contain_text("is a weight map: see it on the page Map")
    check(told)


def test_code_in_what_is_told_is_code(page, store, trainer):
    there = replace(Owner.read(trainer.owner), machine="another", host="gpu_3_*")
    run = store.add_run(RunConfig(), [weighted()], str(there))
    page.goto(f"/?run={run}")
    told = page.get_by_test_id("stAlert")
    expect(told).to_contain_text("gpu_3_*")
    expect(told.locator("code")).to_have_text("python3 -m core.store release")
    store.set_state(run, RunState.STOPPED)
