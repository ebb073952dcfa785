"""What the tests of the page do not reach: errors that nobody foresaw."""

from streamlit.testing.v1 import AppTest

from tests.dashboard.reading import read


def test_an_unforeseen_error_is_a_sentence_that_gives_nothing_away():
    def script():
        from dashboard.state import tell_script_error

        assert tell_script_error(RuntimeError("secret of line 12")) is True

    page = AppTest.from_function(script).run()
    assert not page.exception
    assert len(page.error) == 1
    assert "unforeseen error (RuntimeError)" in read(page.error[0])
    assert "secret" not in read(page.error[0])


def test_a_problem_is_told_once():
    def script():
        import streamlit as st

        from dashboard import state

        if st.button("fail"):
            state.complain("It went wrong.")
        st.text(str(state.take_problem()))

    page = AppTest.from_function(script).run()
    page.button[0].click().run()
    assert page.text[0].value == "It went wrong."
    assert page.run().text[0].value == "None"
