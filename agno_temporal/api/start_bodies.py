"""The body of a start: what agno's `Workflow.run` takes, as far as JSON can say it.

The keyword arguments of a function in the place of the steps are left out: their names are its own, and cannot be
published. Python and Temporal's own clients give it those.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Final, TypeAlias

from agno.workflow import Workflow
from pydantic import BaseModel, ConfigDict, Field, JsonValue

from agno_temporal.agno_bridge.request import request_of
from agno_temporal.api.media_bodies import MAX_MEDIA, Audio, File, Image, Medium, Video
from agno_temporal.api.texts import Id, RunId, Text
from agno_temporal.contract.request import RunRequest

Object: TypeAlias = dict[str, JsonValue]

_Few = Field(max_length=MAX_MEDIA)
Images: TypeAlias = Annotated[list[Image], _Few]
Videos: TypeAlias = Annotated[list[Video], _Few]
Audios: TypeAlias = Annotated[list[Audio], _Few]
Files: TypeAlias = Annotated[list[File], _Few]

_PLAIN: Final[dict[str, Any]] = {"workflow_id": "release", "input": "v2.1", "run_id": "release-2041", "user_id": "ana"}
_WITH_MEDIA: Final[dict[str, Any]] = {
    "workflow_id": "release",
    "input": "v2.1",
    "images": [{"url": "https://example.org/before.png", "alt_text": "before"}],
    "files": [{"content": "IyB2Mi4xCg==", "mime_type": "text/markdown", "filename": "notes.md"}],
}


class StartRun(BaseModel):
    """What to run. All but the workflow is as in agno's `Workflow.run`."""

    model_config = ConfigDict(extra="forbid", strict=True, json_schema_extra={"examples": [_PLAIN, _WITH_MEDIA]})

    workflow_id: Text = Field(description="The workflow's id.")
    input: JsonValue = Field(None, description="What its first step is given, within the workflow's `input_schema`.")
    run_id: RunId | None = Field(None, description="The run's id. The same request under it attaches to the run.")
    session_id: Id | None = Field(None, description="agno's session.")
    user_id: Id | None = Field(None, description="Whose run it is; your own where users are kept apart.")
    metadata: Object | None = Field(None, description="Of the run; agno merges it with the workflow's own.")
    additional_data: Object | None = Field(None, description="What every step is given beside the input.")
    session_state: Object | None = Field(None, description="Over what the session holds.")
    dependencies: Object | None = Field(None, description="For the agents of the workflow.")
    add_dependencies_to_context: bool | None = Field(None, description="Show them to the agents' models.")
    add_session_state_to_context: bool | None = Field(None, description="Show it to the agents' models.")
    images: Images | None = Field(None, description="For the steps, beside the input; so are all media.")
    videos: Videos | None = None
    audio: Audios | None = None
    files: Files | None = None
    stream: bool = Field(False, description="Agents and teams stream what they say as events of the run.")
    stream_events: bool | None = Field(
        None, description="All of what they do, and not only the pieces of what they say; as `stream` if left out."
    )

    def order(self, workflow: Workflow, user_id: str | None) -> RunRequest:
        """What is asked of Temporal, for somebody whom the server has verified.

        Raises:
            InvalidInput: The input does not fit the workflow.
        """
        return request_of(
            workflow,
            self.input,
            additional_data=self.additional_data,
            user_id=user_id,
            session_id=self.session_id,
            session_state=self.session_state,
            audio=_made(self.audio),
            images=_made(self.images),
            videos=_made(self.videos),
            files=_made(self.files),
            dependencies=self.dependencies,
            metadata=self.metadata,
            add_dependencies_to_context=self.add_dependencies_to_context,
            add_session_state_to_context=self.add_session_state_to_context,
            stream=self.stream,
            stream_events=self.stream if self.stream_events is None else self.stream_events,
        )


def _made(media: Sequence[Medium] | None) -> list[Any] | None:
    """agno tells no media from none that were given."""
    return None if media is None else [one.made() for one in media]
