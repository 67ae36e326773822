// SPDX-License-Identifier: Apache-2.0
// Deeds upon the network.
#define _GNU_SOURCE
#include <errno.h>
#include <linux/netlink.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/live/trigger/deeds.h"

static int NetBindService(int turn) {
  const struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(80 + turn)};
  const int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return -1;
  const int result = bind(fd, (const struct sockaddr*)&address, sizeof(address));
  return Closing(fd, result);
}

static int NetBroadcast(int turn) {
  const int on = 1;
  const int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
  (void)turn;
  if (fd < 0) return -1;
  const int result = setsockopt(fd, SOL_NETLINK, NETLINK_LISTEN_ALL_NSID, &on, sizeof(on));
  return Closing(fd, result);
}

static int NetAdmin(int turn) {
  struct ifreq request = {.ifr_name = "lo", .ifr_flags = turn % 2 ? 0 : IFF_UP};
  const int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return -1;
  const int result = ioctl(fd, SIOCSIFFLAGS, &request);
  return Closing(fd, result);
}

static int NetRaw(int turn) {
  (void)turn;
  return Close(socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_ICMP));
}

const struct deed kNetworkDeeds[] = {
    {"NET_BIND_SERVICE", NetBindService},
    {"NET_BROADCAST", NetBroadcast},
    {"NET_ADMIN", NetAdmin},
    {"NET_RAW", NetRaw},
    {NULL, NULL},
};
