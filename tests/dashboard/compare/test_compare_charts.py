"""The charts of the page Compare, of heads with any metric."""

import pytest

from dashboard.compare.charts import figures
from tests.own_runs import DOSE, DOSES, KIND
from tests.siamese import HEADS


def of(charts, quantity, head):
    (found,) = [
        one["figure"]
        for one in charts["curves"]
        if (one["quantity"], one["head"]) == (quantity, head)
    ]
    return found


def levels(figure):
    return [trace["meta"]["level"] for trace in figure["data"] if trace["meta"]["role"] == "chance"]


def columns(figure):
    return {
        trace["meta"]["role"]: trace["meta"]["column"]
        for trace in figure["data"]
        if "column" in trace["meta"]
    }


def test_there_is_a_chart_of_each_head_and_quantity_that_it_has():
    told = [(one["quantity"], one["head"]) for one in figures((DOSES,))["curves"]]
    assert told == [
        *(("loss", "dose"), ("loss", "kind"), ("loss", "rest")),
        *(("mean_absolute_error", "dose"), ("accuracy", "kind")),
    ]


def test_axes_are_called_by_what_they_show_and_in_percent_of_accuracies_alone():
    charts = figures((DOSES,))
    dose = of(charts, "mean_absolute_error", "dose")
    assert dose["layout"]["title"]["text"] == "dose: mean absolute error"
    assert "tickformat" not in dose["layout"]["yaxis"]
    assert dose["layout"]["yaxis"]["rangemode"] == "normal", "there are metrics below 0"
    assert columns(dose)["validation"] == "val_mean_absolute_error.dose"
    assert of(charts, "accuracy", "kind")["layout"]["yaxis"]["tickformat"] == ".0%"
    assert charts["parallel"]["layout"]["title"]["text"] == "Loss weights and last validation"
    usual = figures((HEADS,))["parallel"]["layout"]["title"]["text"]
    assert usual == "Loss weights and last validation accuracy"


def test_chance_is_shown_where_there_is_any_as_each_run_has_it():
    charts = figures((DOSES,))
    assert levels(of(charts, "loss", "dose")) == [5.5]
    assert levels(of(charts, "mean_absolute_error", "dose")) == [2.0]
    assert levels(of(charts, "loss", "rest")) == []
    harder = DOSE.model_copy(update={"chance": 3.0, "chance_loss": 9.0})
    charts = figures((DOSES, (harder, *DOSES[1:])))
    assert levels(of(charts, "loss", "dose")) == [9.0, 5.5]
    assert sorted(levels(of(charts, "mean_absolute_error", "dose"))) == [2.0, 3.0]


def test_chance_of_another_metric_is_no_level_of_this_one():
    of_area = KIND.model_copy(update={"metric": "AUC", "chance": 0.5})
    charts = figures((DOSES, (DOSE, of_area, DOSES[2])))
    assert levels(of(charts, "accuracy", "kind")) == [pytest.approx(0.25)]
