FROM node:24-slim
WORKDIR /app
ENV NODE_ENV=production
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev
COPY schemas schemas
COPY lib lib
COPY server server
USER node
VOLUME /data
EXPOSE 8053/tcp 5353/udp 5353/tcp
ENTRYPOINT ["node", "server/main.ts"]
CMD ["--config", "/etc/leasehold/leasehold.json"]
