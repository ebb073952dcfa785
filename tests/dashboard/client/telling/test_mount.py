"""A view is made once and kept; a call that a later one has overtaken is dropped."""

import pytest

# Calls with what is shown, whose loading ends in the order in which it is let go.
MOUNT = """(async () => {
    const root = { isConnected: true, replaceChildren: () => {} }
    const log = []
    const loading = []
    const load = () => new Promise((resolve) => loading.push(resolve))
    const make = (_root, { n }) => {
        log.push(`made by ${n}`)
        return { set: ({ n }, loaded) => log.push(`${n} with ${loaded}`) }
    }
    const show = mount.mount("map", make, load)
    const calls = given.shown.map((shown) => show({
        parentElement: { querySelector: () => root },
        data: new TextEncoder().encode(JSON.stringify({ ...shown, heard: {} })),
        setTriggerValue: () => {},
    }))
    for (const k of given.order) {
        loading[k](`load ${k}`)
        await new Promise((resolve) => setTimeout(resolve))
    }
    await Promise.all(calls)
    return log
})()"""


@pytest.mark.parametrize("order", [[0, 1, 2], [2, 1, 0], [1, 2, 0]])
def test_of_calls_that_overtake_one_another_the_last_counts(script, order):
    call = script(mount="client/telling/mount.js")
    log = call(MOUNT, shown=[{"n": 0}, {"n": 1}, {"n": 2}], order=order)
    assert log == ["made by 2", "2 with load 2"]
