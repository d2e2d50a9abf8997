# 우리동네 상권정보 in a container: see the README, under Deploying.
FROM python:3.11.14-slim-bookworm AS build
WORKDIR /app
COPY requirements.txt .
RUN python -m venv /opt/venv \
    && /opt/venv/bin/pip install --no-cache-dir --disable-pip-version-check -r requirements.txt
COPY . .
# Nobody may write here later, so that Python's own files are made now.
RUN /opt/venv/bin/python -m compileall -q commerce

FROM python:3.11.14-slim-bookworm
RUN groupadd --gid 10001 commerce \
    && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /nonexistent commerce
COPY --from=build /opt/venv /opt/venv
COPY --from=build /app /app
WORKDIR /app
# The two folders that are written: what is published, and what people save.
RUN install -d -o commerce -g commerce -m 0750 data/live \
    && install -d -o commerce -g commerce -m 0700 /var/lib/commerce
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    COMMERCE_STATE=/var/lib/commerce
USER 10001:10001
VOLUME ["/app/data/live", "/var/lib/commerce"]
EXPOSE 8501
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8501/healthz', timeout=4)"]
CMD ["python", "-m", "commerce", "serve", "--host", "0.0.0.0", "--port", "8501"]
