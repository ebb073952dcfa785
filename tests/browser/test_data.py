"""Images of one's own, from the file to the curves."""

import numpy as np
import pytest
from playwright.sync_api import expect

from tests.browser.explorer import Explorer

pytestmark = pytest.mark.browser


def test_a_file_is_uploaded_trained_on_and_overfitted(page, tmp_path):
    rng = np.random.default_rng(4)
    np.savez(tmp_path / "noise.npz", x=rng.random((160, 9, 9)), y=np.arange(160) % 4)
    np.savez(tmp_path / "flat.npz", x=rng.random((160, 81)), y=np.arange(160) % 4)
    explorer = Explorer(page).open("training_pairs=200&dropout=0&steps=300&steps_per_second=0")
    page.get_by_text("New run: its data").click()
    uploader = page.locator("input[type=file]")
    uploader.set_input_files(tmp_path / "flat.npz")
    alert = page.get_by_role("alert").filter(has_text="flat.npz")
    expect(alert).to_contain_text("x has the shape (160, 81): expected (N, height, width)")
    uploader.set_input_files(tmp_path / "noise.npz")
    expect(
        page.get_by_text("160 images of 4 classes were added as noise-4c-9x9x1-")
    ).to_be_visible()
    expect(alert).not_to_be_visible()
    explorer.train()
    expect(explorer.status).to_contain_text("Finished")
    loss = explorer.traces("loss")
    # Noise has no classes: what is learned by heart is of no use, and worse than a guess.
    assert loss["ctg_out_1"]["y"][-1] < 0.5
    assert loss["ctg_out_1 (val)"]["y"][-1] > np.log(4)
    chance = page.evaluate(
        """() => document.querySelector(".live-chart[data-quantity=loss]").data
            .filter(({meta}) => meta.role === "chance").map(({name}) => name)"""
    )
    assert chance == ["chance, ln 4", "chance, ln 2"]
