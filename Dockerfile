# Taster on Kafka. It runs as a user without rights, on a root file system that can be read-only if /tmp is writable.

FROM node:20-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN ["npm", "ci"]
COPY tsconfig.json tsconfig.build.json ./
COPY src ./src
COPY detectors ./detectors
COPY datasets ./datasets
COPY demo ./demo
RUN ["npm", "run", "build"]

FROM node:20-bookworm-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN ["npm", "ci", "--omit=dev"]

FROM node:20-bookworm-slim
WORKDIR /app
COPY --from=dependencies /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
COPY package.json LICENSE ./
COPY assets ./assets
COPY datasets/data ./datasets/data
COPY pipelines ./pipelines
# Where pipelines look for baselines: a volume that is mounted here takes over the owner.
RUN ["install", "--directory", "--owner=node", "--group=node", "baselines"]
USER node
ENV NODE_ENV=production TASTER_HTTP_HOST=0.0.0.0
EXPOSE 9464
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.TASTER_HTTP_PORT || 9464}/healthz`).then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "/app/dist/src/cli/main.js"]
CMD ["start", "pipelines/mail.yaml"]
