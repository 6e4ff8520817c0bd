# BASE can be any image with Node 22.19 or newer, for example a mirror's copy of this one.
ARG BASE=node:24-slim
FROM ${BASE} AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc tsconfig.json tsconfig.build.json ./
RUN npm ci --ignore-scripts
COPY schemas schemas
COPY lib lib
COPY server server
COPY openapi/client.ts openapi/types.ts openapi/answers.json openapi/
RUN npm run build && npm prune --omit=dev --ignore-scripts

FROM ${BASE}
WORKDIR /app
ENV NODE_ENV=production
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/dist dist
COPY package.json ./
COPY bin bin
COPY web web
COPY ops/container.js ops/container.js
COPY server/sources/leasehold-hook.sh server/sources/leasehold-hook.sh
COPY server/store/postgres/migrations server/store/postgres/migrations
# By number, so that an image without a user "node" serves too.
RUN mkdir -p /data && chown 1000:1000 /data
USER 1000:1000
VOLUME /data
EXPOSE 8053/tcp 5353/udp 5353/tcp
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:8053/readyz').then(r => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "ops/container.js"]
