"""Media in a request: agno's own words for them, and nothing that opens a file where the run works.

agno reads a `filepath`, or the object that a `media_reference` names, in whatever process has the run. That is
the worker's, where a caller of an API has nothing to name. So a medium has its bytes with it, or is at an address of
the web; `file:` is none, though agno opens it where it counts the tokens of a file (agno/utils/tokens.py:327).

agno draws a random id for what has none, and the same request sent twice would be two. Here the id follows from the
medium, as it does for one that a client in another language sends to Temporal (`agno_bridge.media`).
"""

from __future__ import annotations

import binascii
from typing import Annotated, Any, ClassVar
from urllib.parse import urlsplit

from agno import media as agno
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, JsonValue, model_validator

from agno_temporal.agno_bridge.media import derived_id
from agno_temporal.api.texts import Id, Sound, Text

MAX_MEDIA = 1_000
"""Of one kind. Each is an object on the event loop: these take 0.06 s, and as many as a body may hold 4 s."""

_SCHEMES = ("http", "https", "data")


def _at_an_address(url: str) -> str:
    if urlsplit(url).scheme not in _SCHEMES:
        raise ValueError(f"it begins with one of {', '.join(f'{scheme}:' for scheme in _SCHEMES)}")
    return url


def _base64(text: str) -> str:
    try:
        binascii.a2b_base64(text, strict_mode=True)
    except ValueError as error:
        raise ValueError("it is no base64 (with its padding, and without line ends)") from error
    return text


def _taken_as_a_file(mime_type: str) -> str:
    if mime_type not in _MIME_TYPES:
        raise ValueError("agno's File has no such type; the OpenAPI document lists those that it has")
    return mime_type


_MIME_TYPES = agno.File.valid_mime_types()

Url = Annotated[Sound, Field(min_length=1), AfterValidator(_at_an_address)]
_ENCODED = Field(min_length=1, json_schema_extra={"contentEncoding": "base64"})
Base64 = Annotated[str, _ENCODED, AfterValidator(_base64)]
_ONE_OF_THESE = Field(json_schema_extra={"enum": list[JsonValue](_MIME_TYPES)})
FileType = Annotated[Text, _ONE_OF_THESE, AfterValidator(_taken_as_a_file)]


class Medium(BaseModel):
    """What all media have."""

    model_config = ConfigDict(extra="forbid", strict=True)
    MAKES: ClassVar[type[Any]]

    url: Url | None = Field(None, description="Where it is; whoever looks at it fetches it. This, or `content`.")
    content: Base64 | None = Field(None, description="Its bytes, in base64; those of a text too. This, or `url`.")
    id: Id | None = Field(None, description="Follows from the medium where it is left out.")
    format: Text | None = Field(None, description="Such as png.")
    mime_type: Text | None = Field(None, description="Such as image/png.")
    metadata: dict[str, JsonValue] | None = Field(None, description="Your own.")

    @model_validator(mode="before")
    @classmethod
    def _is_no_file_of_a_worker(cls, given: Any) -> Any:
        if isinstance(given, dict) and "filepath" in given:
            raise ValueError("filepath is not taken: it would be a file of the worker's machine. Send url or content")
        return given

    @model_validator(mode="after")
    def _is_in_one_place(self) -> Medium:
        if (self.url is None) == (self.content is None):
            raise ValueError("it has one of url and content, and not both")
        return self

    def made(self) -> Any:
        """agno's object."""
        given = self.model_dump(exclude_none=True)
        content = {} if self.content is None else {"content": binascii.a2b_base64(self.content)}
        return self.MAKES(**{"id": derived_id(given), **given, **content})


class Image(Medium):
    """agno's `Image`."""

    MAKES = agno.Image

    detail: Text | None = Field(None, description="How closely a model looks: low, medium, high or auto.")
    original_prompt: Sound | None = None
    revised_prompt: Sound | None = None
    alt_text: Sound | None = None


class Video(Medium):
    """agno's `Video`."""

    MAKES = agno.Video

    duration: float | None = Field(None, description="In seconds.")
    width: int | None = Field(None, description="In pixels.")
    height: int | None = Field(None, description="In pixels.")
    fps: float | None = None
    eta: Text | None = None
    original_prompt: Sound | None = None
    revised_prompt: Sound | None = None


class Audio(Medium):
    """agno's `Audio`."""

    MAKES = agno.Audio

    duration: float | None = Field(None, description="In seconds.")
    sample_rate: int | None = Field(None, description="In Hz; 24000 where it is left out.")
    channels: int | None = Field(None, description="1 where it is left out.")
    transcript: Sound | None = None
    expires_at: int | None = None


class File(Medium):
    """agno's `File`."""

    MAKES = agno.File

    mime_type: FileType | None = Field(None, description="One that agno's File has.")
    filename: Text | None = None
    file_type: Text | None = None
    size: int | None = Field(None, description="In bytes.")
    name: Text | None = Field(None, description="Which a document needs on AWS Bedrock.")
    citations: bool | None = Field(None, description="Whether Claude may cite it.")
