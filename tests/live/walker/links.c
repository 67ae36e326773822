// SPDX-License-Identifier: Apache-2.0
// Netlink requests about links: queries, as iproute2 sends them, and changes.
#include <errno.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/live/walker/walker.h"

struct request {
  struct nlmsghdr header;
  struct ifinfomsg link;
};

// Without NLM_F_ACK the kernel answers errors only.
static struct request Request(unsigned short flags) {
  struct request request = {.link = {.ifi_family = AF_UNSPEC}};
  request.header.nlmsg_len = sizeof(request);
  request.header.nlmsg_type = RTM_NEWLINK;
  request.header.nlmsg_flags = NLM_F_REQUEST | flags;
  return request;
}
static struct request Question(void) { return Request(NLM_F_ACK); }
static struct request Change(unsigned short flags) {
  struct request request = Request(flags);
  request.link.ifi_index = 1;
  request.link.ifi_flags = request.link.ifi_change = IFF_UP;
  return request;
}

static int Send(const void* requests, size_t size) {
  const int netlink = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
  if (netlink < 0) return -1;
  const ssize_t sent = send(netlink, requests, size, 0);
  close(netlink);
  return sent == (ssize_t)size ? 0 : -1;
}

int AskAboutLinks(void) {
  const struct request question = Question();
  return Send(&question, sizeof(question));
}
int ChangeLink(void) {
  const struct request change = Change(NLM_F_ACK);
  return Send(&change, sizeof(change));
}
int ChangeLinkUnanswered(void) {
  const struct request change = Change(0);
  return Send(&change, sizeof(change));
}
// A change that hides behind a question.
int ChangeLinkBeforeAsking(void) {
  const struct request both[] = {Change(0), Question()};
  return Send(both, sizeof(both));
}
int ChangeLinkAndAsk(void) {
  const int result = AskAboutLinks();
  return result != 0 ? result : ChangeLinkUnanswered();
}
