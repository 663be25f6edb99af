# Build: docker build -t centagate-provision .
# Behind a proxy with an authority of its own: docker build --secret id=extra_ca,src=ca.pem -t centagate-provision .
# Run:   docker run --rm -v "$PWD/data:/data" centagate-provision run users.csv

FROM node:24-trixie-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN --mount=type=secret,id=extra_ca,required=false \
    if [ -s /run/secrets/extra_ca ]; then export NODE_EXTRA_CA_CERTS=/run/secrets/extra_ca; fi; \
    npm ci --ignore-scripts --no-audit --no-fund
COPY tsconfig*.json rolldown.config.ts ./
COPY src ./src
RUN npm run build

FROM node:24-trixie-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json ./
RUN --mount=type=secret,id=extra_ca,required=false \
    if [ -s /run/secrets/extra_ca ]; then export NODE_EXTRA_CA_CERTS=/run/secrets/extra_ca; fi; \
    npm ci --omit=dev --ignore-scripts --no-audit --no-fund

FROM node:24-trixie-slim
ARG VERSION=0.1.0
LABEL org.opencontainers.image.title="centagate-provision" \
      org.opencontainers.image.description="Registers CENTAGATE authentication tokens for whole departments from a CSV" \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.licenses="Apache-2.0"
ENV NODE_ENV=production
COPY package.json /app/
COPY --from=dependencies /app/node_modules /app/node_modules
COPY --from=build /app/THIRD-PARTY-NOTICES /app/
COPY --from=build /app/dist/program /app/dist/program
# Without a volume, and in a new named one, the folder is the user's too.
RUN install -d -o node -g node /data
USER node
WORKDIR /data
# The program is process 1 and handles SIGTERM itself.
ENTRYPOINT ["node", "/app/dist/program/bin.js"]
CMD ["--help"]
