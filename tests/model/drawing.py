"""What may happen to a run that asks, drawn at random: questions, decisions, and the moments between them."""

from __future__ import annotations

from hypothesis import strategies as st

from tests.model.reference import TAKES, Rules, Said

PEOPLE = ("ana@example.org", "ben@example.org", "cleo@example.org")


def rules(timeouts: st.SearchStrategy[float | None], kinds: tuple[str, ...] = tuple(TAKES)) -> st.SearchStrategy[Rules]:
    return st.builds(
        Rules,
        kind=st.sampled_from(kinds),
        timeout=timeouts,
        on_timeout=st.sampled_from(["approve", "reject", "skip", "cancel"]),
        on_reject=st.sampled_from(["skip", "retry", "retry", "cancel", "else"]),
        max_retries=st.sampled_from([None, 0, 1, 2]),
    )


def decision(draw: st.DrawFn, question: str, kind: str, contents: tuple[str, ...], actions: tuple[str, ...]) -> Said:
    """Two of three times one that fits the question."""
    action, content = draw(st.sampled_from(actions)), draw(st.sampled_from(contents))
    if draw(st.integers(0, 2)):
        action = draw(st.sampled_from(sorted(TAKES[kind])))
        content = draw(st.sampled_from(sorted(TAKES[kind][action])))
    by, key = draw(st.none() | st.sampled_from(PEOPLE)), draw(st.sampled_from([None, None, "click", "again"]))
    return Said(question, action, content, by, key)
