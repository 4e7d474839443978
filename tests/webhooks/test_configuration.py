"""A webhook that is configured wrongly refuses to start: nobody notices a message that does not come."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from agno_temporal import AgnoPlugin, Webhook, Webhooks
from agno_temporal.webhooks import WebhookError
from tests.webhooks.receiver import new_secret
from tests.webhooks.scenes import gated

URL = "https://hooks.example.org/agno"


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"name": "a b"}, "a name is 1 to 64 letters"),
        ({"name": ""}, "a name is 1 to 64 letters"),
        ({"url": "http://hooks.example.org"}, "not https"),
        ({"url": "ftp://hooks.example.org"}, "no absolute https URL"),
        ({"url": "hooks.example.org"}, "no absolute https URL"),
        ({"url": "https://"}, "no absolute https URL"),
        ({"url": "https://user:pass@hooks.example.org"}, "has a user, a password or a fragment"),
        ({"url": "https://hooks.example.org:port"}, "Invalid port"),
        ({"secret": ""}, "a secret is 'whsec_' and the base64"),
        ({"secret": []}, "has no secret"),
        ({"secret": "whsec_c2hvcnQ="}, "a secret is 'whsec_' and the base64"),
        ({"secret": "correct horse battery staple"}, "a secret is 'whsec_' and the base64"),
        ({"secret": [new_secret(), "?"]}, "a secret is 'whsec_' and the base64"),
        ({"events": []}, "events is empty"),
        ({"events": "run.finished"}, "events is a list"),
        ({"events": ["run.finshed"]}, "'run.finshed', which is none of requirement.opened"),
        ({"workflows": "gated"}, "workflows is a list"),
        ({"workflows": 5}, "workflows is a list"),
        ({"workflows": []}, "workflows is empty"),
        ({"allow_networks": [5]}, "allow_networks is a list"),
        ({"allow_http": "no"}, "allow_http='no' is neither true nor false"),
        ({"url": "https://hooks.example.org:70000"}, "has port 70000"),
        ({"url": "https://hooks..example.org"}, "label"),
        ({"url": "https://hooks.example.org:0"}, "has port 0"),
        ({"url": "https://xn--a.example.org/x"}, "Codepoint U\\+0080"),
        ({"allow_networks": ["10.0.0.1/8"]}, "has host bits set"),
        ({"allow_networks": ["inside"]}, "does not appear to be"),
        ({"timeout": 0}, "not between 0 and 45"),
        ({"timeout": 90}, "not between 0 and 45"),
    ],
)
def test_an_endpoint_that_cannot_work_is_refused(wrong: dict[str, Any], says: str) -> None:
    with pytest.raises(WebhookError, match=says) as refused:
        Webhook(**{"name": "ops", "url": URL, "secret": new_secret(), **wrong})
    assert str(refused.value).startswith("Webhook ")


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"remind_before": 2.0}, "remind_before=2.0 is neither"),
        ({"remind_before": 1}, "remind_before=1 is neither"),
        ({"remind_before": timedelta(0)}, "is neither"),
        ({"remind_before": [0.5, "1h"]}, "remind_before='1h' is neither"),
        ({"delays": []}, "delays has to be"),
        ({"delays": [0]}, "delays has to be"),
        ({"delays": [float("inf")]}, "delays has to be"),
        ({"delays": [float("nan")]}, "delays has to be"),
        ({"retry_for": timedelta(days=60)}, "not between 0 and 28 days"),
        ({"look_for": timedelta(seconds=-1)}, "not between 0 and 28 days"),
    ],
)
def test_times_that_make_no_sense_are_refused(wrong: dict[str, Any], says: str) -> None:
    with pytest.raises(WebhookError, match=says):
        Webhooks([], **wrong)


def test_two_endpoints_need_two_names() -> None:
    one = Webhook("ops", URL, new_secret())
    with pytest.raises(WebhookError, match="Two webhooks are called 'ops'"):
        Webhooks([one, one])


def test_a_workflow_that_is_not_there_is_refused() -> None:
    webhooks = Webhooks([Webhook("ops", URL, new_secret(), workflows=["gatde"])])
    with pytest.raises(WebhookError, match="'gatde', which is not registered; registered are gated"):
        AgnoPlugin([gated()], webhooks=webhooks)


def test_neither_url_nor_secret_is_shown() -> None:
    webhook = Webhook("ops", URL, new_secret())
    assert repr(webhook).startswith("Webhook(name='ops', events=")
    assert "example" not in repr(Webhooks([webhook]))
