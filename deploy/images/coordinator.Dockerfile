# The Coordinator: no root, and nothing to write but its volume (run it with a read-only root file system).
#
# Build, from the root of the repository (needs a container engine; the programs are built first, outside of it):
#   npm run build
#   docker build --file deploy/images/coordinator.Dockerfile --tag REGISTRY/contrast/coordinator:0.1.0 .
# Push it, and use it by the digest that the push prints: `contrast generate` takes no image without one.

# The Node of the repository's lockfile. The digest was taken from public build files that agree on it, not from a pull.
ARG BASE=node:24.21.0-bookworm-slim@sha256:0e0ff40c39bc087845bfb27465a0df4ea419520094bc35842ff83dd8cbe6f9b6

FROM ${BASE} AS system
RUN rm -rf /usr/local/lib/node_modules /usr/local/include /opt/yarn* \
  && rm -f /usr/local/bin/npm /usr/local/bin/npx /usr/local/bin/corepack /usr/local/bin/yarn* /usr/local/bin/docker-entrypoint.sh
COPY apps/coordinator/package.json /opt/contrast/
COPY apps/coordinator/bin/ /opt/contrast/bin/
COPY apps/coordinator/dist/*.js apps/coordinator/dist/*.txt /opt/contrast/dist/
RUN chmod 0755 /opt/contrast/bin/*.js && ln -s /opt/contrast/bin/*.js /usr/local/bin/contrast-coordinator

# One layer, and no environment but PATH: the policy of a pod pins the environment, and variables of the base are of no use.
FROM scratch
COPY --from=system / /
ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
WORKDIR /
USER 1000:1000
ENTRYPOINT ["/usr/local/bin/contrast-coordinator"]
