# syntax=docker/dockerfile:1

# The wheel, with the web app in it.
FROM python:3.12-slim-bookworm AS build
WORKDIR /build
COPY requirements/build.txt requirements/build.txt
RUN pip install --no-cache-dir --require-hashes -r requirements/build.txt
COPY pyproject.toml hatch_build.py README.md LICENSE ./
COPY ui ui
COPY src src
RUN pip wheel --no-cache-dir --no-deps --no-build-isolation --wheel-dir /wheels .

FROM python:3.12-slim-bookworm
# git writes down who changed which file; the packages are pinned with their hashes.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install -y --no-install-recommends git \
    && rm -rf /var/lib/apt/lists/*
COPY requirements/server.txt /tmp/server.txt
COPY --from=build /wheels /tmp/wheels
RUN pip install --no-cache-dir --require-hashes -r /tmp/server.txt \
    && pip install --no-cache-dir --no-deps /tmp/wheels/*.whl \
    && rm -r /tmp/wheels /tmp/server.txt

RUN useradd --uid 10001 --create-home bookward \
    && install --directory --owner bookward --group bookward /project /state /files \
    && git config --system --add safe.directory /project
USER 10001
ENV BOOKWARD_PROJECT=/project \
    BOOKWARD_STATE=/state \
    PYTHONUNBUFFERED=1
WORKDIR /project
VOLUME ["/project", "/state"]
EXPOSE 8000

HEALTHCHECK --interval=10s --timeout=5s --start-period=30s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/readyz', timeout=4)"]
# What is in flight is finished first: a request to Xero may take 30 seconds.
STOPSIGNAL SIGTERM
ENTRYPOINT ["bookward"]
CMD ["serve", "--host", "0.0.0.0"]
