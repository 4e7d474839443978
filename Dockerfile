# One image for workers and the API: this package with what both need. Your app is mounted at /app, or is copied there by
# a Dockerfile of yours that begins with this image and installs what the app needs.
FROM python:3.12.11-slim-bookworm AS build

WORKDIR /src
RUN python -m venv /venv
COPY pyproject.toml constraints.txt README.md LICENSE ./
COPY agno_temporal agno_temporal
# Beside what both need, what their settings need. More are for the app and for other settings: openai, telemetry, s3, gcs.
ARG EXTRAS=api,encryption,postgres,webhooks
RUN PIP_CONSTRAINT=constraints.txt PIP_BUILD_CONSTRAINT=constraints.txt \
    /venv/bin/pip install --no-cache-dir --disable-pip-version-check ".[${EXTRAS}]" \
    && /venv/bin/python -m compileall -q /venv/lib

FROM python:3.12.11-slim-bookworm

RUN groupadd --system --gid 10001 app && useradd --system --uid 10001 --gid app --no-create-home app
COPY --from=build /venv /venv
ENV PATH=/venv/bin:$PATH \
    HOME=/tmp \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1
WORKDIR /app
USER 10001:10001
# What answers a probe differs between a worker and the API: docker-compose.yml has a health check for each.
ENTRYPOINT ["agno-temporal"]
CMD ["--help"]
