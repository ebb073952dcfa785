"""The page Runs as a person uses it: two runs are found, named, compared, taken away, deleted."""

import ast
import csv
import io
import json
import re
import zipfile

import pyarrow.parquet
import pytest
from playwright.sync_api import Page, expect

from core import RunConfig, RunState
from tests.browser.axe import violations_on_both_grounds
from tests.browser.explorer import Explorer
from tests.browser.widgets import button
from tests.siamese import HEADS_TEXT, weighted
from tests.waiting import until

SHORT = "steps=200&steps_per_second=0&embedding_size=16"
NAME = "<script>alert(1)</script> 数字"


@pytest.fixture(scope="module")
def two(new_tab):
    """Two short runs, trained on the page Explore; the newer one first."""
    tab = new_tab()
    explorer = Explorer(tab)
    found = []
    for query in (SHORT, f"{SHORT}&seed=7&bin_out=0"):
        found.insert(0, explorer.open(query).train())
        expect(explorer.status).to_contain_text("Finished")
    tab.close()
    return found


def row(page: Page, run: str):
    """The row of a run that has one lane."""
    return page.locator(".runs-table tbody tr").filter(has=page.locator(f"a[href*='run={run}']"))


def opened(page: Page, query: str = "") -> Page:
    page.goto(f"/runs?{query}")
    expect(page.locator(".runs-table tbody tr").first).to_be_visible()
    expect(button(page, "Compare")).to_be_visible()
    return page


def select(page: Page, *runs: str):
    """Select these runs besides those that are."""
    for run in runs:
        row(page, run).get_by_role("checkbox").check()
    page.wait_for_url(re.compile(rf"[?&]runs=[^&]*{runs[-1]}"))


def test_runs_are_found_and_the_link_finds_them_again(page, two):
    newer, older = two
    opened(page)
    expect(row(page, newer)).to_contain_text("200")
    page.get_by_label("Filter").fill(f"seed=7 {newer[:6]}")
    expect(page.locator(".runs-table tbody tr")).to_have_count(1)
    expect(page.locator(".runs-status")).to_contain_text("1 of ")
    page.get_by_label("Filter").fill("")
    columns = page.locator(".runs-columns")
    columns.locator("summary").click()
    columns.get_by_text("Seed", exact=True).click()
    page.get_by_role("button", name="Seed", exact=True).click()
    page.wait_for_url(re.compile("sort%3DSeed|sort=Seed"))
    ids = page.locator(".runs-table tbody a").evaluate_all("all => all.map((a) => a.href)")
    assert ids.index(next(i for i in ids if newer in i)) < ids.index(
        next(i for i in ids if older in i)
    )
    select(page, older)
    page.reload()
    expect(row(page, older).get_by_role("checkbox")).to_be_checked()
    sorted_by = page.locator("th[aria-sort=descending]")
    expect(sorted_by).to_have_text("Seed")
    assert "total" not in page.locator(".runs-table thead").inner_text()


def test_columns_are_chosen_and_remembered_and_a_link_brings_its_own(page, two):
    opened(page)
    title = page.locator(".runs-table th", has_text=re.compile("^Learning rate$"))
    expect(title).to_have_count(0)
    page.locator(".runs-columns summary").click()
    page.locator(".runs-columns").get_by_text("Learning rate").click()
    expect(title).to_be_visible()
    expect(row(page, two[0])).to_contain_text("0.05")
    page.wait_for_url(re.compile("columns%3Dlearning_rate"))
    link = page.url
    opened(page)
    expect(title).to_be_visible()
    page.locator(".runs-columns summary").click()
    page.locator(".runs-columns").get_by_text("Learning rate").click()
    expect(title).to_have_count(0)
    page.keyboard.press("Escape")
    expect(page.locator(".runs-columns")).not_to_have_attribute("open", "")
    page.goto(link)
    expect(title).to_be_visible()


def test_a_run_is_called_by_what_it_is_and_a_star_is_on_what_was_moved(page, store, trainer):
    config = RunConfig(steps=300, steps_per_second=100, seed=9, embedding_size=16)
    run = trainer.start(config, [weighted(), weighted(bin_out=0)])
    until(lambda: store.run(run).step >= 50, timeout=60)
    trainer.move_loss_weights(run, 1, ctg_out_2=2)
    opened(page)
    number = store.run(run).number
    rows = row(page, run)
    expect(rows).to_have_count(2)
    for lane, weights in enumerate(("1, 1, 0.5", "1, 1, 0")):
        called = f"#{number} lane {lane + 1} · {weights} · embedding 16 · steps 300 · seed 9"
        expect(rows.nth(lane).get_by_role("link")).to_have_text(called)
    cells = rows.nth(1).locator("td.runs-number")
    expect(cells.nth(1)).to_have_text("2*")
    assert cells.nth(1).get_attribute("title") == "1 at the start, moved since"
    assert [cells.nth(k).inner_text() for k in (0, 2)] == ["1", "0"]
    assert [rows.nth(0).locator("td.runs-number").nth(k).inner_text() for k in range(3)] == [
        "1",
        "1",
        "0.5",
    ]
    expect(rows.nth(0)).to_contain_text("finished")
    for lane in range(2):
        for head in range(3):
            line = rows.nth(lane).locator("polyline").nth(head)
            points = f"{len(store.metric_curves(run)[lane])}"
            page.wait_for_function(
                "([line, n]) => line.getAttribute('points')?.split(' ').length === Number(n)",
                arg=[line.element_handle(), points],
            )
            (x, y) = line.get_attribute("points").split()[-1].split(",")
            accuracy = store.metric_curves(run)[lane][-1][1 + head]
            assert (float(x), float(y)) == pytest.approx((60, 1 + 16 * (1 - accuracy)), abs=0.06)


def test_an_export_that_takes_long_says_so_and_one_that_fails_says_why(new_tab, store, two):
    page = opened(new_tab())
    select(page, two[0])
    held = []
    page.route("**/api/export*", lambda route: held.append(route))

    def take():
        button(page, "Take away").click()
        page.get_by_role("link", name="Settings, JSON").click()

    take()
    notice = page.locator(".export-notice")
    expect(notice).to_contain_text(re.compile("Making the file “Settings, JSON” … *[1-9]"))
    with page.expect_download() as download:
        held.pop().continue_()
    assert download.value.suggested_filename == f"run-{two[0]}.json"
    expect(notice).to_have_count(0)
    page.keyboard.press("Escape")
    take()
    expect(notice).to_contain_text("Making the file")
    notice.get_by_role("button", name="Cancel").click()
    expect(notice).to_have_count(0)
    page.unroute("**/api/export*")
    here = page.url
    store.delete([two[0]], "somebody else")
    try:
        take()
        expect(notice).to_contain_text(f"No run has the id '{two[0]}'")
        assert page.url == here
        page.keyboard.press("Escape")
        take()
        expect(notice).to_have_count(2)  # one above the other, until they are read
        for _ in range(2):
            notice.first.get_by_role("button", name="Close").click()
        expect(notice).to_have_count(0)
    finally:
        store.undelete([two[0]])
        page.close()


def test_two_runs_are_compared(page, two):
    opened(page)
    select(page, *two)
    expect(button(page, "Compare")).to_be_enabled()
    button(page, "Compare").click()
    page.wait_for_url("**/compare?*")
    for run in two:
        assert run in page.url
    expect(page.get_by_role("heading", name="Compare")).to_be_visible()


def test_a_run_is_named_noted_and_pinned_and_nothing_in_it_is_executed(page, store, two):
    _, older = two
    opened(page)
    page.on("dialog", lambda dialog: pytest.fail("a script was executed"))
    select(page, older)
    page.get_by_label("Name").fill(NAME)
    page.get_by_label("Note, in Markdown").fill("**kept** <img src=x onerror=alert(1)>")
    button(page, "Save").click()
    expect(row(page, older)).to_contain_text(NAME)
    expect(page.locator("strong", has_text="kept")).to_be_visible()
    button(page, "Pin").click()
    expect(page.locator(".runs-table tbody tr").first).to_contain_text(
        f"★ #{store.run(older).number} · {NAME}"
    )
    assert (store.run(older).name, store.run(older).pinned) == (NAME, True)
    button(page, "Unpin").click()
    until(lambda: not store.run(older).pinned)


def test_a_run_is_deleted_and_brought_back(page, store, two):
    newer, _ = two
    opened(page)
    select(page, newer)
    button(page, "Delete").click()
    button(page, "Yes, delete this run").click()
    expect(row(page, newer)).to_have_count(0)
    assert newer not in [run.id for run in store.runs()]
    button(page, "Undo").click()
    expect(row(page, newer)).to_have_count(1)
    assert len(list(store.records(newer))) > 10
    select(page, newer)
    button(page, "Use these settings").click()
    page.wait_for_url(re.compile("seed=7"))
    expect(page.get_by_role("slider", name="bin_out")).to_have_value("0")


def test_each_form_is_downloaded_and_opens(page, store, two):
    newer, _ = two
    opened(page)
    select(page, newer)

    def taken(name: str):
        button(page, "Take away").click()
        link = page.get_by_role("link", name=name)
        expect(link).to_be_visible()
        with page.expect_download() as download:
            link.click()
        page.keyboard.press("Escape")
        return download.value.suggested_filename, download.value.path()

    records = list(store.records(newer))
    name, path = taken("Records, CSV")
    rows = list(csv.DictReader(io.StringIO(path.read_text())))
    assert name.endswith(".csv")
    assert len(rows) == len(records)
    assert float(rows[-1]["val_loss.bin_out"]) == records[-1].val_loss["bin_out"]
    _, path = taken("Records, Parquet")
    assert pyarrow.parquet.read_table(path).num_rows == len(records)
    _, path = taken("Settings, JSON")
    assert json.loads(path.read_text())["runs"][0]["config"]["seed"] == 7
    name, path = taken("Keras code")
    assert name.endswith(".py")
    ast.parse(path.read_text())
    for form, wanted in (("Trained model, .keras", "config.json"), ("TensorBoard", "tfevents")):
        _, path = taken(form)
        with zipfile.ZipFile(io.BytesIO(path.read_bytes())) as file:
            assert any(wanted in one for one in file.namelist())
    name, path = taken("Whole run, to import")
    page.get_by_text("Import a run").click()
    page.locator("[data-testid=stFileUploaderDropzoneInput]").set_input_files(
        {"name": name, "mimeType": "application/zip", "buffer": path.read_bytes()}
    )
    until(lambda: len([run for run in store.runs() if newer in run.note]) == 1, timeout=20)
    (copy,) = [run for run in store.runs() if newer in run.note]
    expect(row(page, copy.id).get_by_role("checkbox")).to_be_checked()
    assert [record.loss for record in store.records(copy.id)] == [record.loss for record in records]
    page.locator("[data-testid=stFileUploaderDropzoneInput]").set_input_files(
        {"name": "bad.zip", "mimeType": "application/zip", "buffer": b"no zip file"}
    )
    expect(page.get_by_test_id("stAlert")).to_contain_text("refused")


def test_a_training_run_moves_in_the_list_and_cannot_be_deleted(page, store, two, new_tab):
    tab = new_tab()
    explorer = Explorer(tab)
    run = explorer.open("steps=100000&steps_per_second=200").train()
    opened(page)
    expect(row(page, run)).to_contain_text("running")
    before = store.run(run).step
    expect(row(page, run)).to_contain_text(re.compile(r"[\d,]+ of 100,000"))
    select(page, run)
    button(page, "Delete").click()
    button(page, "Yes, delete this run").click()
    expect(page.get_by_test_id("stAlert")).to_contain_text("Stop it first")
    assert store.run(run).step >= before
    button(explorer.page, "Stop").click()
    expect(row(page, run)).to_contain_text("stopped")
    until(lambda: store.run(run).state is RunState.STOPPED)
    assert store.last_checkpoint(run)[0] == store.run(run).step, "its model is kept"
    tab.close()


def test_no_scroll_bar_and_nothing_that_axe_finds(page, two):
    for width in (1400, 400):
        page.set_viewport_size({"width": width, "height": 900})
        opened(page, f"runs={two[0]}")
        expect(page.get_by_label("Name")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
        assert violations_on_both_grounds(page) == []


def test_a_table_wider_than_the_page_says_so_and_goes_there(page, two):
    opened(page)
    words, table = page.locator(".view-sideways"), page.locator(".runs-table")
    expect(words).to_contain_text("more columns to the right")
    columns = table.get_by_role("button", name="Note")
    expect(columns).not_to_be_in_viewport()
    on = page.get_by_role("button", name="Columns to the right")
    for _ in range(4):
        # By the keyboard, which does nothing where the last press has just reached the end.
        on.press("Enter", timeout=2000) if on.is_enabled() else None
    expect(columns).to_be_in_viewport()
    expect(words).to_contain_text("more columns to the left")


def test_a_thousand_runs_are_listed_and_filtered(page, store):
    """The runs are written by SQL, as they would be; how soon, tests.benchmarks measures."""
    config = RunConfig().model_dump_json()
    lanes = json.dumps([weighted().model_dump()])
    db = store._db
    with db.writing():
        db.executemany(
            "INSERT INTO runs "
            "(id, owner, state, first_config, config, lanes, heads, created, name) "
            "VALUES (?, '1-test', 'finished', ?, ?, ?, ?, ?, 'many')",
            [(f"ffff{i:08x}", config, config, lanes, HEADS_TEXT, i) for i in range(1000)],
        )
    try:
        opened(page)
        expect(page.locator(".runs-status")).to_contain_text(re.compile(r"1\d\d\d runs"))
        page.get_by_label("Filter").fill("many")
        expect(page.locator(".runs-table tbody tr")).to_have_count(200)
        expect(page.locator(".runs-more")).to_contain_text("800 left")
    finally:
        with db.writing():
            db.execute("DELETE FROM runs WHERE name = 'many'")
