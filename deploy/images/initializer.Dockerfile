# The Initializer, with what it calls: cryptsetup, dmsetup, blkid (util-linux), mkfs.ext4, mount and iptables-legacy.
#
# Build, from the root of the repository (needs a container engine; the programs are built first, outside of it):
#   npm run build
#   docker build --file deploy/images/initializer.Dockerfile --tag REGISTRY/contrast/initializer:0.1.0 .
# Push it, and use it by the digest that the push prints: `contrast generate` takes no image without one.
#
# It runs as root, unlike the others: it leaves keys that belong to the guest's root, and with a volume it is privileged
# and mounts. `contrast generate` gives it just that. All that it writes to its root file system is the marker /done and
# the locks of cryptsetup in /run.

# The Node of the repository's lockfile. The digest was taken from public build files that agree on it, not from a pull.
ARG BASE=node:24.21.0-bookworm-slim@sha256:0e0ff40c39bc087845bfb27465a0df4ea419520094bc35842ff83dd8cbe6f9b6

FROM ${BASE} AS system
RUN apt-get update \
  && DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends cryptsetup-bin dmsetup e2fsprogs iptables mount util-linux \
  && rm -rf /var/lib/apt/lists/* /var/cache/* /var/log/*
RUN rm -rf /usr/local/lib/node_modules /usr/local/include /opt/yarn* \
  && rm -f /usr/local/bin/npm /usr/local/bin/npx /usr/local/bin/corepack /usr/local/bin/yarn* /usr/local/bin/docker-entrypoint.sh
COPY apps/initializer/package.json /opt/contrast/
COPY apps/initializer/bin/ /opt/contrast/bin/
COPY apps/initializer/dist/*.js apps/initializer/dist/*.txt /opt/contrast/dist/
RUN chmod 0755 /opt/contrast/bin/*.js && ln -s /opt/contrast/bin/*.js /usr/local/bin/contrast-initializer

# One layer, and no environment but PATH: the policy of a pod pins the environment, and variables of the base are of no use.
FROM scratch
COPY --from=system / /
ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
WORKDIR /
USER 0:0
ENTRYPOINT ["/usr/local/bin/contrast-initializer"]
