# syntax=docker/dockerfile:1
# Pin by digest where you build: FROM python:3.13-slim-bookworm@sha256:...
FROM python:3.13-slim-bookworm AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /src
COPY requirements.lock ./
RUN python -m venv /opt/gateway \
    && /opt/gateway/bin/python -m pip install --only-binary=:all: --require-hashes --no-deps \
        -r requirements.lock
COPY pyproject.toml README.md ./
COPY gateway ./gateway
RUN /opt/gateway/bin/python -m pip install --no-deps --no-build-isolation . \
    && /opt/gateway/bin/python -m pip uninstall --yes pip setuptools \
    && /opt/gateway/bin/python -m compileall -q /opt/gateway/lib

FROM python:3.13-slim-bookworm
LABEL org.opencontainers.image.title="llm-security-gateway" \
      org.opencontainers.image.licenses="Apache-2.0"
# Nothing is written but the audit log: run with --read-only and a volume on /var/lib/gateway.
ENV PATH=/opt/gateway/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
RUN groupadd --system --gid 10001 gateway \
    && useradd --system --uid 10001 --gid 10001 --no-create-home --shell /usr/sbin/nologin gateway \
    && install -d -o 10001 -g 10001 -m 0700 /var/lib/gateway
COPY --from=build /opt/gateway /opt/gateway
USER 10001:10001
WORKDIR /var/lib/gateway
VOLUME ["/var/lib/gateway"]
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 \
    CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8080/gateway/health/ready', timeout=2)"]
ENTRYPOINT ["gateway"]
CMD ["serve", "-c", "/etc/gateway/gateway.yaml", "--host", "0.0.0.0", "--port", "8080"]
