# Build: docker build -t centagate-provision .
# Behind a proxy with an authority of its own: docker build --secret id=extra_ca,src=ca.pem -t centagate-provision .
# For a release, by digest: docker build --build-arg NODE_IMAGE=node:24-trixie-slim@sha256:… -t centagate-provision .
# Run:   docker run --rm -v "$PWD/data:/data" centagate-provision run users.csv

ARG NODE_IMAGE=node:24-trixie-slim

FROM ${NODE_IMAGE} AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN --mount=type=secret,id=extra_ca,required=false \
    if [ -s /run/secrets/extra_ca ]; then export NODE_EXTRA_CA_CERTS=/run/secrets/extra_ca; fi; \
    npm ci --ignore-scripts --no-audit --no-fund
COPY tsconfig*.json rolldown.config.ts ./
COPY src ./src
# The bundle holds libraries that are for development to npm: all are listed, and marked as such.
RUN npm run build && npm sbom --package-lock-only --sbom-format=cyclonedx > sbom.cdx.json

FROM ${NODE_IMAGE} AS dependencies
WORKDIR /app
COPY package.json package-lock.json ./
RUN --mount=type=secret,id=extra_ca,required=false \
    if [ -s /run/secrets/extra_ca ]; then export NODE_EXTRA_CA_CERTS=/run/secrets/extra_ca; fi; \
    npm ci --omit=dev --ignore-scripts --no-audit --no-fund

# What Node.js needs, and no more: no shell, no npm, no package manager, nothing that changes its user.
FROM ${NODE_IMAGE} AS root
RUN set -eu; \
    mkdir -p /image/etc /image/tmp /image/data; \
    for file in $(ldd /usr/local/bin/node | grep -o '/[^ ]*'); do \
      cp -L --parents "$file" /image; \
      package=$(dpkg -S "*/$(basename "$file")" | head -n 1 | cut -d : -f 1); \
      cp -L --parents "/usr/share/doc/$package/copyright" /image; \
    done; \
    cp --parents /usr/local/bin/node /image; \
    for file in /usr/local/LICENSE /etc/ssl/certs/ca-certificates.crt; do \
      if [ -e "$file" ]; then cp -L --parents "$file" /image; fi; \
    done; \
    printf 'node:x:1000:1000::/data:/sbin/nologin\n' > /image/etc/passwd; \
    printf 'node:x:1000:\n' > /image/etc/group; \
    printf 'hosts: files dns\n' > /image/etc/nsswitch.conf; \
    chmod 1777 /image/tmp; \
    # Without a volume, and in a new named one, the folder is the user's too.
    chown 1000:1000 /image/data; chmod 700 /image/data

FROM scratch
ARG VERSION=0.1.0
ARG NODE_IMAGE
LABEL org.opencontainers.image.title="centagate-provision" \
      org.opencontainers.image.description="Registers CENTAGATE authentication tokens for whole departments from a CSV" \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.base.name="$NODE_IMAGE" \
      org.opencontainers.image.licenses="Apache-2.0"
ENV NODE_ENV=production PATH=/usr/local/bin
COPY --from=root /image /
COPY package.json LICENSE /app/
COPY --from=dependencies /app/node_modules /app/node_modules
COPY --from=build /app/THIRD-PARTY-NOTICES /app/sbom.cdx.json /app/
COPY --from=build /app/dist/program /app/dist/program
USER 1000:1000
WORKDIR /data
# The program is process 1 and handles SIGTERM itself.
ENTRYPOINT ["node", "--disable-sigusr1", "/app/dist/program/bin.js"]
CMD ["--help"]
