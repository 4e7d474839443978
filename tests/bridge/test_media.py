"""Media of callers in other languages: agno's plain form, read alike in every step."""

import base64

import pytest
from agno.media import File, Image

from agno_temporal.agno_bridge.media import read_media, write_media


def test_media_come_back_exactly_where_agno_would_decode_a_text_file():
    files = [File(content=b"\xffabc", mime_type="text/plain", filename="a.txt")]
    assert read_media("files", write_media(files, "files")) == files


def test_none_and_no_media_are_told_apart():
    assert read_media("images", write_media(None, "images")) is None
    assert read_media("images", write_media([], "images")) == []


def test_the_plain_form_is_read():
    plain = [{"url": "https://example.org/a.png"}, {"content": base64.b64encode(b"png").decode(), "id": "mine"}]
    by_url, by_content = read_media("images", plain)
    assert by_url.url == "https://example.org/a.png"
    assert (by_content.content, by_content.id) == (b"png", "mine")


def test_every_step_reads_the_same_id():
    plain = [{"url": "https://example.org/a.png"}]
    assert read_media("images", plain) == read_media("images", plain)
    assert read_media("images", plain)[0].id != Image(url="https://example.org/a.png").id


@pytest.mark.parametrize("plain", [[{"uri": "https://example.org"}], {"url": "https://example.org"}])
def test_what_agno_would_leave_out_is_refused(plain):
    with pytest.raises(ValueError, match="images"):
        read_media("images", plain)
