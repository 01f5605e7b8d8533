#!/bin/busybox sh
# First process of the test machine: makes it look like a privileged container, then serves the test's commands.
/bin/busybox mkdir -p /busybox /proc /sys /dev /run /tmp /state
/bin/busybox --install -s /busybox
export PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/busybox
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs dev /dev
mkdir -p /dev/shm
mount -t tmpfs shm /dev/shm
mount -t tmpfs run /run
mount -t tmpfs tmp /tmp
for module in virtio_pci virtio_blk virtio_net virtio_console virtio-rng dm-crypt dm-integrity algif_skcipher; do
  modprobe "$module" || echo "no module $module"
done
mount -t cgroup2 cgroup2 /sys/fs/cgroup
echo +memory > /sys/fs/cgroup/cgroup.subtree_control
ip link set lo up
ip link set eth0 up
ip address add 10.0.2.15/24 dev eth0
ip route add default via 10.0.2.2
node --disable-warning=ExperimentalWarning /test/agent.ts /dev/vport*p1
poweroff -f
